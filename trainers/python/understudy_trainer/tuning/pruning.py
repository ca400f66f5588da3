"""The median rule: a trial that is worse so far than half of the complete ones were by then is not finished."""

from __future__ import annotations

import statistics
from typing import Sequence


def hopeless(
    scores: Sequence[float],
    complete: Sequence[Sequence[float]],
    after_trials: int,
    after_folds: int,
    lower_is_better: bool,
) -> bool:
    """
    `scores`: of the trial's folds so far; `complete`: those of all folds of the complete trials before it. Compares the means over as many
    folds; never before `after_folds` folds of this trial and `after_trials` complete ones (Golovin et al. 2017, section 3.2.2).
    """
    count = len(scores)
    if count < max(after_folds, 1) or len(complete) < max(after_trials, 1):
        return False
    mean = statistics.fmean(scores)
    median = statistics.median(statistics.fmean(other[:count]) for other in complete)
    return mean > median if lower_is_better else mean < median
