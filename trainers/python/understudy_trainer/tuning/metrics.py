"""The metrics that a trial may be judged by; the same definitions as src/statistics/metrics.

Invariant: a metric that is undefined on a fold is the author's mistake in a sentence, never a silent number.
"""

from __future__ import annotations

import numpy as np

from ..trainers.contract import refused

LOWER_IS_BETTER = {"log_loss": True, "brier": True, "roc_auc": False, "pr_auc": False, "accuracy": False, "rmse": True, "mae": True}
#: Probabilities are kept so far from 0 and 1, as scikit-learn does.
CLIP = float(np.finfo(np.float64).eps)


def score(metric: str, labels: np.ndarray, probabilities: np.ndarray) -> float:
    """
    The metric's value for probabilities of class 1 or values [rows], or probabilities of several classes [rows, classes]. `roc_auc` and
    `pr_auc` need both classes; fails with TRAINING_FAILED.
    """
    if metric in ("roc_auc", "pr_auc") and len(np.unique(labels)) < 2:
        raise refused(f"tuning.metric {metric} needs rows of both classes in every fold; a fold of {len(labels)} rows has one only.")
    table = _METRICS if probabilities.ndim == 1 else _OF_CLASSES
    value = float(table[metric](labels, probabilities))
    if not np.isfinite(value):
        raise refused(f"{metric} of a fold of {len(labels)} rows is {value}: the model gives {int(np.isnan(probabilities).sum())} predictions that are no number.")
    return value


def _log_loss(labels: np.ndarray, probabilities: np.ndarray) -> float:
    inside = np.clip(probabilities, CLIP, 1 - CLIP)
    return -np.mean(np.where(labels == 1, np.log(inside), np.log1p(-inside)))


def _brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return np.mean((probabilities - labels) ** 2)


def _roc_auc(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mann and Whitney's statistic; ties count half."""
    _, group, counts = np.unique(probabilities, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[group]
    positives = labels.sum()
    return (rank[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def _pr_auc(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Average precision: precision at each threshold, weighted by the recall that it adds."""
    order = np.argsort(-probabilities, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(probabilities[order])), len(labels) - 1)
    hits = np.cumsum(labels[order])[ends]
    return np.sum(np.diff(np.concatenate([[0.0], hits])) / labels.sum() * hits / (ends + 1))


def _accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return np.mean((probabilities >= 0.5) == (labels == 1))


def _rmse(labels: np.ndarray, values: np.ndarray) -> float:
    return np.sqrt(np.mean((values - labels) ** 2))


def _mae(labels: np.ndarray, values: np.ndarray) -> float:
    return np.mean(np.abs(values - labels))


def _log_loss_of_classes(labels: np.ndarray, probabilities: np.ndarray) -> float:
    own = probabilities[np.arange(len(labels)), labels.astype(int)]
    return -np.mean(np.log(np.clip(own, CLIP, 1 - CLIP)))


def _brier_of_classes(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return np.mean(((probabilities - np.eye(probabilities.shape[1])[labels.astype(int)]) ** 2).sum(axis=1))


def _accuracy_of_classes(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return np.mean(probabilities.argmax(axis=1) == labels)


_METRICS = {
    **{"log_loss": _log_loss, "brier": _brier, "roc_auc": _roc_auc, "pr_auc": _pr_auc, "accuracy": _accuracy},
    **{"rmse": _rmse, "mae": _mae},
}
_OF_CLASSES = {"log_loss": _log_loss_of_classes, "brier": _brier_of_classes, "accuracy": _accuracy_of_classes}
