"""What a user's own training function is given, and what it gives back: the part of this package that authors import.

    from understudy_trainer.author import TrainedModel, Training

    def train(training: Training) -> TrainedModel: ...

Invariant: nothing here changes without a line in the changelog. docs/trainers.md shows how to write one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Protocol, Sequence

import numpy as np

from .failures import TrainerFailure


class Checkpoint(Protocol):
    """What a long training keeps of itself, so that one whose process dies goes on instead of starting again."""

    def last(self) -> bytes | None:
        """What was saved last, also by the attempt before; None: start from the beginning. A changed source or library is a beginning."""

    def save(self, state: bytes) -> None:
        """Keeps the state. The function has to give the same model from here as it would without an interruption: save its generators too."""


@dataclass(frozen=True)
class Training:
    """One training: its rows, its settings, and how to tell what happens."""

    #: float32 [rows, columns], in the order of `columns`: numbers, and categories as their code; NaN is missing.
    features: np.ndarray
    #: float64 [rows]: 0 or 1; of several classes the index in `classes`; of a regression the value.
    labels: np.ndarray
    #: int32 [rows]: days since 1970-01-01; rows are sorted by day.
    days: np.ndarray
    #: float64 [rows], weights of classes included; None: every row counts the same.
    weights: np.ndarray | None
    #: `{"kind": "number", "name"}` or `{"kind": "category", "name", "categories"}`; the code is the position in `categories`.
    columns: Sequence[Mapping[str, Any]]
    #: bool [rows]: the latest days, to stop early on; all False when the contender has no `earlyStopping`.
    late: np.ndarray
    early_stopping_rounds: int
    #: `params` of the contender, as they are written there.
    params: Mapping[str, Any]
    seed: int
    threads: int
    #: Per column: 1 the prediction may only rise with it, -1 only fall, 0 free.
    monotone: Sequence[int]
    #: `native` of the contender's newest version; None for its first one.
    parent: bytes | None
    #: `progress(iteration, of, "log loss 0.31")`: shown while it runs. Ends the function when the training is no longer wanted.
    progress: Callable[[int, int, str], None]
    #: Whether the training is no longer wanted. A function that asks neither is ended by force a second later.
    cancelled: Callable[[], bool]
    #: Save now and then, every minute or so; look at `last()` first.
    checkpoint: Checkpoint
    #: `binary`, `multiclass` or `regression`; and the names of the classes of a `multiclass` task.
    task: str = "binary"
    classes: Sequence[str] = ()

    def frame(self) -> Any:
        """The features as a pandas DataFrame with categories as such. Needs `pandas` in the model's requirements.txt."""
        try:
            import pandas
        except ImportError as error:
            message = "frame() needs pandas: write it with its version into the model's requirements.txt."
            raise TrainerFailure("TRAINING_FAILED", message) from error
        frame = pandas.DataFrame(self.features, columns=[column["name"] for column in self.columns])
        for column in self.columns:
            if column["kind"] == "category":
                codes = frame[column["name"]].fillna(-1).astype(int)
                frame[column["name"]] = pandas.Categorical.from_codes(codes, column["categories"])
        return frame


@dataclass(frozen=True)
class TrainedModel:
    """A model that the function converted itself. Instead of it a function may give a fitted scikit-learn classifier (regressor) or pipeline."""

    #: The ONNX graph: `features` float32 [batch, columns] to `label` int64 [batch] and `probabilities` float32 [batch, 2] (or [batch, classes]); of
    #: a regression to `value` float32 [batch, 1].
    onnx: bytes
    #: The model's own prediction: the probability of label 1, or the value, [rows]; of several classes [rows, classes]. The graph is compared
    #: with it on more than 1,000 rows.
    predict: Callable[[np.ndarray], np.ndarray]
    #: The model in its own form; default: the ONNX graph.
    native: bytes | None = None
    iterations: int = 1
    #: One entry per iteration, such as `{"iteration": 1, "train": 0.4, "valid": 0.5}`.
    curve: Sequence[Mapping[str, float]] = ()
    #: Feature -> how much the model uses it.
    importance: Mapping[str, float] = field(default_factory=dict)
    #: Names of installed libraries whose versions are recorded with the model.
    libraries: Sequence[str] = ()
