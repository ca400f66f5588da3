"""Temporal cross-validation: folds forward in time on the training days.

Invariant: a fold trains only on days before those that it is judged on; truth and holdout days are in no matrix of a trainer, hence in
no fold.
"""

from __future__ import annotations

import numpy as np

from ..trainers.contract import refused


def folds_of(days: np.ndarray, folds: int, fold_days: int, stopping_days: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """
    (rows to train on, rows to judge on) as masks, the earliest fold first. The last `folds` times `fold_days` of the days that have rows
    are judged on, each once; a fold trains on all days before its own. Fails with TRAINING_FAILED when too few days are left for the
    first one to train on: it needs as many as it is judged on, beside those of early stopping.
    """
    known = np.unique(days)
    needed = (folds + 1) * fold_days + stopping_days
    if len(known) < needed:
        beside = f" beside {stopping_days} days of early stopping" if stopping_days else ""
        raise refused(
            f"tuning with {folds} folds of {fold_days} days needs {needed} training days (folds + 1 times foldDays{beside}); "
            f"the snapshot has {len(known)}. Allowed are fewer or shorter folds, or a longer window.",
            days=len(known),
        )
    result = []
    for fold in range(folds):
        begin = len(known) - (folds - fold) * fold_days
        judged = known[begin : begin + fold_days]
        result.append((days < judged[0], (days >= judged[0]) & (days <= judged[-1])))
    return result
