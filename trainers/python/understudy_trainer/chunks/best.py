"""Early stopping whose state survives: which iteration was the best, and whether it was too long ago.

Invariant: over any number of chunks it stops where it would stop in one go: better is strictly better, as in LightGBM and XGBoost.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Best:
    """`rounds`: iterations without a better score that end the training; None: nothing does."""

    rounds: int | None
    #: Counted from 1; 0: none yet.
    iteration: int = 0
    score: float | None = None

    def seen(self, iteration: int, score: float, higher_is_better: bool = False) -> bool:
        """Takes the score of an iteration; True: the training ends with it."""
        better = self.score is None or (score > self.score if higher_is_better else score < self.score)
        if better:
            self.iteration, self.score = iteration, score
        return self.rounds is not None and iteration - self.iteration >= self.rounds

    def state(self) -> dict[str, Any]:
        """As JSON; `Best(**state)` goes on from it."""
        return asdict(self)
