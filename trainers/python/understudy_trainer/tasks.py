"""What the task of a training decides: which labels it may have, what is told while it runs, and the tensors of its ONNX graph.

Invariant: `binary` is as it was before there were other tasks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"
#: Task -> what is told while a training runs, and what early stopping watches.
LOSSES = {BINARY: "log loss", MULTICLASS: "log loss", REGRESSION: "RMSE"}
#: Differences of values that count as the same are this times the largest of 1, the labels' spread and the value; see src/scoring/parity.ts.
TOLERANCE = 1e-5


def label_problem(task: str, classes: int, labels: np.ndarray) -> str | None:
    """What is wrong with the labels of a matrix, in a sentence; None: nothing."""
    if task == REGRESSION:
        return None if np.isfinite(labels).all() else "The training matrix has a __label that is no finite number."
    count = classes if task == MULTICLASS else 2
    if np.isin(labels, np.arange(count)).all():
        return None
    allowed = f"not one of 0 to {count - 1}" if task == MULTICLASS else "neither 0 nor 1"
    return f"The training matrix has a __label that is {allowed}."


def outputs_of(task: str, classes: int) -> dict[str, tuple[str, list[Any]]]:
    """Name of a tensor -> its element type and shape, in order."""
    if task == REGRESSION:
        return {"value": ("float32", ["batch", 1])}
    return {"label": ("int64", ["batch"]), "probabilities": ("float32", ["batch", classes if task == MULTICLASS else 2])}


def described(task: str, classes: int) -> str:
    """The tensors as a person reads them."""
    return " and ".join(f'{name} {kind} [{", ".join(map(str, shape))}]' for name, (kind, shape) in outputs_of(task, classes).items())


def predictions_of(task: str, outputs: list[np.ndarray]) -> np.ndarray:
    """What a graph predicts, in the form of `Fitted.predict`: [rows], of several classes [rows, classes]."""
    found = outputs[-1]
    return found[:, 1] if task == BINARY else found if task == MULTICLASS else found[:, 0]


def differences(task: str, found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, in units of the tolerance's own where values have one."""
    apart = np.abs(found - expected)
    if task == REGRESSION:
        apart = apart / np.maximum(1.0, np.abs(expected))
    return float(apart.max(initial=0.0))
