"""The weight of each training row: a column of the matrix, times the weight of the row's class.

Invariant: a column of weights is no feature: the model is trained as if it were 0 everywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .failures import TrainerFailure


def hidden_columns(weights: dict[str, Any] | None, columns: list[dict[str, Any]]) -> frozenset[int]:
    """The position of the column of weights. Fails with TRAINING_FAILED when there is no number of that name."""
    name = (weights or {}).get("column")
    if name is None:
        return frozenset()
    found = [i for i, column in enumerate(columns) if column["name"] == name and column["kind"] == "number"]
    if not found:
        numbers = ", ".join(column["name"] for column in columns if column["kind"] == "number")
        raise TrainerFailure("TRAINING_FAILED", f'weights.column is "{name}"; allowed is a feature that is a number: {numbers}.')
    return frozenset(found)


def row_weights(
    weights: dict[str, Any] | None,
    features: np.ndarray,
    labels: np.ndarray,
    hidden: frozenset[int],
    counted: np.ndarray,
    names: tuple[str, ...] = (),
    of_rows: np.ndarray | None = None,
) -> np.ndarray | None:
    """
    float64 weights of all rows; None when none are asked for. `balanced` gives class c of k the weight n / (k n_c), as scikit-learn does,
    with n and n_c of the rows in `counted` (those that are trained on). `names`: those of the classes, where there are more than two.
    `of_rows`: the matrix's own weights, multiplied with all others.
    """
    if not weights and of_rows is None:
        return None
    weights = weights or {}
    result = np.ones(len(labels))
    for position in hidden:
        result = features[:, position].astype(np.float64)
        bad = ~(np.isfinite(result) & (result >= 0))
        if bad.any():
            raise TrainerFailure(
                "TRAINING_FAILED",
                f'{int(bad.sum())} of {len(labels)} rows have no weight, or one below 0, in the column "{weights["column"]}"; '
                "allowed is a number from 0.",
            )
    classes = weights.get("classes")
    if classes == "balanced":
        kinds = max(len(names), 2)
        for label in range(kinds):
            count = int((labels[counted] == label).sum())
            result = np.where(labels == label, result * counted.sum() / (kinds * max(count, 1)), result)
    elif classes and names:
        result = result * np.array([classes[name] for name in names])[labels.astype(int)]
    elif classes:
        result = result * np.where(labels == 1.0, classes["positive"], classes["negative"])
    if of_rows is not None:
        result = result * of_rows
    if not result[counted].any():
        raise TrainerFailure("TRAINING_FAILED", "All training rows have the weight 0.")
    return result
