"""Trains XGBoost's histogram trees with native categories, and early stopping on the latest days.

Invariant: the same matrix, parameters, seed and number of threads give the same model.
"""

from __future__ import annotations

import difflib
import json
from typing import Any

import numpy as np
import xgboost as xgb

from ..chunks.xgboost import grow_in_chunks
from ..failures import TrainingCancelled
from ..conversion.model_text import CATEGORICAL
from ..conversion.onnx_trees import Head, trees_to_onnx
from ..conversion.xgboost_json import start_of, targets_of, trees_of
from ..tasks import LOSSES
from .contract import Fitted, TrainingInput, refused, require_labels, whole_floats_as_ints, whole_number

_BY_PLAN = "it follows from the plan"
_BY_TRAINER = "the trainer sets it"
#: Parameters that an author may not set, and why.
RESERVED = {
    **dict.fromkeys(["objective", "num_class", "seed", "random_state", "seed_per_iteration", "multi_strategy"], _BY_PLAN),
    **dict.fromkeys(["nthread", "n_jobs", "device", "tree_method", "validate_parameters", "base_score"], _BY_TRAINER),
    **dict.fromkeys(["updater", "updater_seq", "process_type", "eval_metric", "disable_default_eval_metric"], _BY_TRAINER),
    "monotone_constraints": "the contender's monotone says it by the features' names",
    "early_stopping_rounds": "the contender's earlyStopping says it",
}
#: Task -> what is minimised, and what is watched.
OBJECTIVES = {
    "binary": {"objective": "binary:logistic", "eval_metric": "logloss"},
    "multiclass": {"objective": "multi:softprob", "eval_metric": "mlogloss"},
    "regression": {"objective": "reg:squarederror", "eval_metric": "rmse"},
}
ROUNDS = ("num_boost_round", "n_estimators", "num_round")
DEFAULT_ROUNDS = 100
#: Names that XGBoost takes beside those in its own configuration.
ALIASES = {"lambda": "reg_lambda", "alpha": "reg_alpha", "eta": "learning_rate", "gamma": "min_split_loss"}

#: What XGBoost writes there for itself.
INTERNAL = {"name", "version", "num_feature", "num_target", "num_trees", "specified_updater", "debug_synchronize"}


def check(asked: TrainingInput) -> None:
    params, _ = xgboost_params(asked)
    # XGBoost reads the values only when it trains.
    _refusing(lambda: xgb.train(params, _tiny(), 1))


def fit(asked: TrainingInput) -> Fitted:
    params, rounds = xgboost_params(asked)
    if any(asked.monotone):
        params["monotone_constraints"] = f'({",".join(map(str, asked.monotone))})'
    require_labels(asked)
    booster, curve = _grow(asked, params, rounds)
    booster.set_attr(best_iteration=None, best_score=None)
    content = bytes(booster.save_raw("json"))
    trees = trees_of(content)
    # XGBoost's own comparison is with the float32 above ours: both sides of a threshold are in the sample.
    thresholds = [
        (feature, value)
        for tree in trees
        for feature, below, decision in zip(tree.split_feature, tree.threshold, tree.decision_type)
        if not decision & CATEGORICAL
        for value in (below, float(np.nextafter(np.float32(below), np.float32(np.inf))))
    ]
    gains = booster.get_score(importance_type="total_gain")
    return Fitted(
        native=content,
        native_media_type="application/json",
        to_onnx=lambda: trees_to_onnx(
            trees, len(asked.columns), 1.0, start_of(content, asked.task), "xgboost", Head(asked.task, len(asked.classes), targets_of(content))
        ),
        predict=lambda rows: booster.predict(_data(asked, rows)).astype(np.float64),
        iterations=booster.num_boosted_rounds(),
        curve=curve,
        importance={column["name"]: float(gains.get(f"f{i}", 0.0)) for i, column in enumerate(asked.columns)},
        parameters={**params, "num_boost_round": rounds},
        libraries=(_distribution(),),
        thresholds=thresholds,
        contributions=lambda rows: booster.predict(_data(asked, rows), pred_contribs=True).astype(np.float64),
    )


def xgboost_params(asked: TrainingInput) -> tuple[dict[str, Any], int]:
    """The full parameters of a fit, and its number of rounds. Fails with TRAINING_FAILED and a sentence."""
    known = _known_names()
    chosen: dict[str, Any] = {}
    for name, value in asked.params.items():
        if name in RESERVED:
            raise refused(f"params.{name} may not be set: {RESERVED[name]}.", parameter=name)
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            raise refused(f"params.{name} is no parameter of XGBoost.{hint}", parameter=name)
        canonical = "num_boost_round" if name in ROUNDS else ALIASES.get(name, name)
        if canonical in chosen:
            raise refused(f"params.{name} is given twice (as another name of {canonical}).", parameter=name)
        chosen[canonical] = value
    booster = chosen.get("booster", "gbtree")
    if booster != "gbtree":
        raise refused(f'params.booster is "{booster}"; allowed is gbtree.', parameter="booster")
    rounds = whole_number("num_boost_round", chosen.pop("num_boost_round", DEFAULT_ROUNDS))
    fixed = {
        **OBJECTIVES[asked.task],
        **({"num_class": len(asked.classes)} if asked.classes else {}),
        "tree_method": "hist",
        "seed": asked.seed,
        "nthread": asked.threads,
        "verbosity": 0,
    }
    return {**whole_floats_as_ints(chosen), **fixed}, rounds


def _grow(asked: TrainingInput, params: dict[str, Any], rounds: int) -> tuple[xgb.Booster, list[dict[str, float]]]:
    late, where = asked.late, "early-stopping days" if asked.early_stopping_days else "training rows"

    def watch(iteration: int, losses: dict[str, float]) -> dict[str, float]:
        if asked.cancelled():
            raise TrainingCancelled
        point = {"iteration": iteration, **losses}
        asked.progress(iteration, rounds, f'{LOSSES[asked.task]} {point.get("valid", point["train"]):.5f} on the {where}')
        return point

    sets = [(_data(asked, asked.features[~late], asked.labels[~late], _of(asked.weights, ~late)), "train")]
    if asked.early_stopping_days:
        sets.append((_data(asked, asked.features[late], asked.labels[late], _of(asked.weights, late)), "valid"))
    booster, best, curve = _refusing(lambda: grow_in_chunks(asked, params, rounds, sets, watch))
    return (booster[:best] if best < booster.num_boosted_rounds() else booster), curve


def _data(asked: TrainingInput, rows: np.ndarray, labels: Any = None, weight: Any = None) -> xgb.DMatrix:
    return xgb.DMatrix(
        rows,
        labels,
        weight=weight,
        feature_names=[f"f{i}" for i in range(len(asked.columns))],
        feature_types=["c" if column["kind"] == "category" else "q" for column in asked.columns],
        enable_categorical=True,
        nthread=asked.threads,
    )


def _of(weights: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if weights is None else weights[rows]


def _refusing(work: Any) -> Any:
    try:
        return work()
    except (xgb.core.XGBoostError, TypeError, ValueError) as error:
        if "alloc" in str(error):
            raise MemoryError from error
        raise refused(f"XGBoost refused the training: {_sentence(error)}.") from error


def _sentence(error: Exception) -> str:
    """XGBoost's message without its source position and its native stack."""
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    said = next((line for line in lines if not line.startswith(("[", "Stack", "File"))), lines[0] if lines else "no message")
    return said.split("Check failed: ")[-1].rstrip(". ")


def _known_names() -> set[str]:
    """Every name in the configuration that XGBoost itself writes for the histogram trees."""
    booster = xgb.train({"objective": "binary:logistic", "tree_method": "hist", "verbosity": 0, "nthread": 1}, _tiny(), 1)
    names: set[str] = set(ALIASES) | set(ALIASES.values()) | set(ROUNDS) | {"scale_pos_weight"}

    def collect(value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                collect(each)
        elif isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, (dict, list)):
                    collect(inner)
                else:
                    names.add(name)

    collect(json.loads(booster.save_config()))
    return names - INTERNAL


def _tiny() -> xgb.DMatrix:
    return xgb.DMatrix(np.array([[0.0], [1.0]], np.float32), [0, 1])


def _distribution() -> str:
    """The small build has another name than the full one; the module is the same."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        version("xgboost")
        return "xgboost"
    except PackageNotFoundError:
        return "xgboost-cpu"
