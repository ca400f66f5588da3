"""What a training says of its features: mean absolute Shapley values on a sample of the training rows (`ShapReport` of src/domain/evaluation/explanation.ts)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .trainers.contract import Fitted, TrainingInput

#: A mean is known to about 5 %, enough to rank features; it was a fifth of a training's time with 1,000 rows.
SAMPLE_ROWS = 500


def shap_report(asked: TrainingInput, fitted: Fitted) -> dict[str, Any]:
    """The part `shap` of the report; nothing for a trainer that has no contributions, or whose contributions are no numbers."""
    if fitted.contributions is None or len(asked.features) == 0:
        return {}
    random = np.random.default_rng(asked.seed)
    chosen = np.sort(random.choice(len(asked.features), min(len(asked.features), SAMPLE_ROWS), replace=False))
    found = fitted.contributions(asked.features[chosen])
    if not np.isfinite(found).all():
        return {}
    head = {"method": "path-dependent", "rows": len(chosen)}
    if found.ndim == 2:
        return {"shap": {**head, **_of_one(asked, found)}}
    classes = [{"name": name, **_of_one(asked, found[:, index])} for index, name in enumerate(asked.classes)]
    over = {column["name"]: float(np.mean([each["meanAbs"][column["name"]] for each in classes])) for column in asked.columns}
    return {"shap": {**head, "meanAbs": over, "classes": classes}}


def _of_one(asked: TrainingInput, found: np.ndarray) -> dict[str, Any]:
    """Of one value of the predictions: [rows, columns + 1], the base last."""
    means = np.abs(found[:, :-1]).mean(axis=0)
    return {
        "base": float(found[0, -1]),
        "meanAbs": {column["name"]: float(mean) for column, mean in zip(asked.columns, means)},
    }
