"""Trains LightGBM with early stopping on the latest days; its model is made exact for float32 inputs before anything is made from it.

Invariant: the same matrix, parameters and seed give the same model, whatever the number of threads; the model text that is stored and
the ONNX bytes come from one and the same booster.
"""

from __future__ import annotations

import re
from typing import Any

import lightgbm as lgb
import numpy as np

from ..chunks.lightgbm import grow_in_chunks, rows_params
from ..failures import TrainingCancelled
from ..conversion.model_text import CATEGORICAL, exact_in_float32, sigmoid_of, trees_of
from ..conversion.onnx_trees import Head, trees_to_onnx
from ..tasks import LOSSES
from .contract import Fitted, TrainingInput, refused, require_labels
from .lightgbm_params import lightgbm_params
from .warm_start import require_growing

#: Rows that parameters are tried on.
TINY_ROWS = 64


def check(asked: TrainingInput) -> None:
    params, _ = lightgbm_params(asked.params, asked.seed, asked.threads, asked.task, len(asked.classes))
    if asked.starts:
        require_growing(params.get("boosting"))
    # LightGBM reads the values only when it trains.
    _refusing(lambda: lgb.train(params, _tiny(asked, params), 1))


def fit(asked: TrainingInput) -> Fitted:
    params, iterations = lightgbm_params(asked.params, asked.seed, asked.threads, asked.task, len(asked.classes))
    if any(asked.monotone):
        params["monotone_constraints"] = asked.monotone
    require_labels(asked)
    booster, curve = _grow(asked, params, iterations)
    best = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
    # How many threads grew the trees is no property of the model: without this line its digest does not depend on the machine.
    grown = re.sub(r"^\[num_threads: .*\]\n", "", booster.model_to_string(num_iteration=best), flags=re.M)
    text = exact_in_float32(grown)
    exact, trees = lgb.Booster(model_str=text), trees_of(text)
    thresholds = [
        (tree.split_feature[split], tree.threshold[split])
        for tree in trees
        for split, decision in enumerate(tree.decision_type)
        if not decision & CATEGORICAL
    ]
    factor = sigmoid_of(text) if asked.task == "binary" else 1.0
    gains = exact.feature_importance("gain")
    return Fitted(
        native=text.encode(),
        native_media_type="text/plain",
        to_onnx=lambda: trees_to_onnx(trees, len(asked.columns), factor, head=Head(asked.task, len(asked.classes))),
        predict=lambda rows: exact.predict(rows, num_threads=asked.threads),
        iterations=best,
        curve=curve,
        importance={column["name"]: float(gain) for column, gain in zip(asked.columns, gains)},
        parameters={**params, "num_iterations": iterations},
        thresholds=thresholds,
        contributions=lambda rows: _by_class(asked, factor * exact.predict(rows, pred_contrib=True, num_threads=asked.threads)),
    )


def _by_class(asked: TrainingInput, found: np.ndarray) -> np.ndarray:
    """LightGBM puts the contributions to several classes side by side."""
    return found.reshape(len(found), len(asked.classes), -1) if asked.classes else found


def _grow(asked: TrainingInput, params: dict[str, Any], iterations: int) -> tuple[lgb.Booster, list[dict[str, float]]]:
    late = asked.late
    options = {
        "feature_name": _feature_names(asked.columns),
        "categorical_feature": [i for i, column in enumerate(asked.columns) if column["kind"] == "category"],
        "params": rows_params(params),
    }

    def weight(rows):
        return {} if asked.weights is None else {"weight": asked.weights[rows]}

    training = lgb.Dataset(asked.features[~late], asked.labels[~late], **weight(~late), **options)
    valid = None
    if asked.early_stopping_days:
        valid = lgb.Dataset(asked.features[late], asked.labels[late], reference=training, **weight(late), **options)
    where = "early-stopping days" if asked.early_stopping_days else "training rows"

    def watch(iteration: int, evaluations: list[Any]) -> dict[str, float]:
        if asked.cancelled():
            raise TrainingCancelled
        point: dict[str, float] = {"iteration": iteration}
        for entry in evaluations:
            point["train" if entry[0] == "training" else "valid"] = float(entry[2])
        loss = point["valid"] if "valid" in point else point["train"]
        asked.progress(iteration, iterations, f"{LOSSES[asked.task]} {loss:.5f} on the {where}")
        return point

    return _refusing(lambda: grow_in_chunks(asked, params, iterations, training, valid, watch))


def _tiny(asked: TrainingInput, params: dict[str, Any]) -> lgb.Dataset:
    """A few made rows of one number, with every class among them."""
    count = max(TINY_ROWS, 2 * len(asked.classes))
    labels = np.arange(count) % max(len(asked.classes), 2)
    return lgb.Dataset(np.arange(count, dtype=np.float32).reshape(-1, 1), labels, params=rows_params(params))


def _refusing(work: Any) -> Any:
    try:
        return work()
    except (lgb.basic.LightGBMError, TypeError, ValueError) as error:
        if "alloc" in str(error):
            raise MemoryError from error
        raise refused(f"LightGBM refused the training: {_sentence(error)}.") from error


def _feature_names(columns: list[dict[str, Any]]) -> list[str]:
    """LightGBM's text format has no quoting: names that it could not read back become positions."""
    names = [column["name"] for column in columns]
    readable = all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in names) and len(set(names)) == len(names)
    return names if readable else [f"column_{i}" for i in range(len(names))]


def _sentence(error: Exception) -> str:
    """LightGBM's message without its source position."""
    return re.sub(r"\s+at \S+, line \d+\s*\.?", "", str(error).strip().splitlines()[0]).rstrip(". ")
