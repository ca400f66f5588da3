"""Fits one LightGBM model with early stopping on the latest days, and can be told to stop at any iteration.

Invariant: the same matrix, parameters and seed give the same model, whatever the number of threads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable

import lightgbm as lgb
import numpy as np

from .failures import TrainerFailure, TrainingCancelled
from .matrix import Matrix

#: iteration, of, log loss on the early-stopping days (or on the training rows).
Progress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class Fitted:
    #: LightGBM's model text, cut at the best iteration.
    text: str
    iterations: int
    curve: list[dict[str, float]]
    early_stopping_rows: int


def fit(
    matrix: Matrix,
    columns: list[dict[str, Any]],
    params: dict[str, Any],
    iterations: int,
    early_stopping: tuple[int, int],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Fitted:
    """Fails with TRAINING_FAILED on the author's mistakes; raises TrainingCancelled soon after `cancelled()` turns true."""
    days, rounds = early_stopping
    late = matrix.days > matrix.days.max(initial=0) - days if days else np.zeros(len(matrix.days), bool)
    _require_both_classes(matrix.labels[~late], "training rows" if not days else f"training rows before the last {days} days")
    if days:
        _require_both_classes(matrix.labels[late], f"last {days} days, which early stopping needs,")
    options = {
        "feature_name": _feature_names(columns),
        "categorical_feature": [i for i, column in enumerate(columns) if column["kind"] == "category"],
        "params": {**params},
    }
    training = lgb.Dataset(matrix.features[~late], matrix.labels[~late], **options)
    valid_sets, valid_names = [training], ["training"]
    if days:
        valid_sets.append(lgb.Dataset(matrix.features[late], matrix.labels[late], reference=training, **options))
        valid_names.append("valid")
    curve: list[dict[str, float]] = []

    def watch(env: lgb.callback.CallbackEnv) -> None:
        if cancelled():
            raise TrainingCancelled
        point = {"iteration": env.iteration + 1}
        for entry in env.evaluation_result_list or []:
            point["train" if entry[0] == "training" else "valid"] = float(entry[2])
        curve.append(point)
        progress(env.iteration + 1, iterations, point.get("valid", point["train"]))

    callbacks: list[Callable] = [watch]
    if days and params.get("boosting") != "dart":
        callbacks.append(lgb.early_stopping(rounds, verbose=False))
    try:
        booster = lgb.train(params, training, iterations, valid_sets=valid_sets, valid_names=valid_names, callbacks=callbacks)
    except (lgb.basic.LightGBMError, TypeError, ValueError) as error:
        if "alloc" in str(error):
            raise MemoryError from error
        raise TrainerFailure("TRAINING_FAILED", f"LightGBM refused the training: {_sentence(error)}.") from error
    best = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
    # How many threads grew the trees is no property of the model: without this line its digest does not depend on the machine.
    text = re.sub(r"^\[num_threads: .*\]\n", "", booster.model_to_string(num_iteration=best), flags=re.M)
    return Fitted(text, best, curve, int(late.sum()))


def importance_of(booster: lgb.Booster, columns: list[dict[str, Any]]) -> dict[str, float]:
    """Total gain per column."""
    gains = booster.feature_importance("gain")
    return {column["name"]: float(gain) for column, gain in zip(columns, gains)}


def _feature_names(columns: list[dict[str, Any]]) -> list[str]:
    """LightGBM's text format has no quoting: names that it could not read back become positions."""
    names = [column["name"] for column in columns]
    readable = all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in names) and len(set(names)) == len(names)
    return names if readable else [f"column_{i}" for i in range(len(names))]


def _require_both_classes(labels: np.ndarray, which: str) -> None:
    positives = int(labels.sum())
    if positives == 0 or positives == len(labels):
        raise TrainerFailure(
            "TRAINING_FAILED",
            f"The {which} have {len(labels)} rows, {positives} of them positive; both classes are needed.",
            rows=len(labels),
            positives=positives,
        )


def _sentence(error: Exception) -> str:
    """LightGBM's message without its source position."""
    return re.sub(r"\s+at \S+, line \d+\s*\.?", "", str(error).strip().splitlines()[0]).rstrip(". ")
