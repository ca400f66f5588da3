"""Trains a scikit-learn classifier or regressor behind a ColumnTransformer made from the columns' roles, and converts both in one graph.

Invariant: an estimator that cannot be converted exactly is refused before any training: a tiny one is fitted, converted and compared.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pickle
import warnings
from typing import Any

import numpy as np
from joblib import parallel_config
from sklearn.base import is_classifier, is_regressor
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from ..chunks.sklearn import fit_in_chunks
from ..conversion.model_text import float32_floor
from ..conversion.onnx_sklearn import estimator_to_onnx, require_same
from ..tasks import REGRESSION
from .contract import Fitted, TrainingInput, refused, require_labels, whole_floats_as_ints

#: Short name -> dotted path, and what is set unless the author sets it: of classes, and of values.
CLASSIFIERS = {
    "logistic": ("sklearn.linear_model.LogisticRegression", {"max_iter": 1000}),
    "random-forest": ("sklearn.ensemble.RandomForestClassifier", {}),
    "gradient-boosting": ("sklearn.ensemble.GradientBoostingClassifier", {}),
}
REGRESSORS = {
    "linear": ("sklearn.linear_model.LinearRegression", {}),
    "random-forest": ("sklearn.ensemble.RandomForestRegressor", {}),
    "gradient-boosting": ("sklearn.ensemble.GradientBoostingRegressor", {}),
}
#: Trees compare: scaling would gain nothing, and would round values across a threshold.
UNSCALED = ("sklearn.tree", "sklearn.ensemble")
#: An estimator of the tiny check grows no more than this, whatever is asked: what is converted is the kind, not the size.
TINY = {"n_estimators": 3, "max_iter": 20}
TINY_ROWS = 64


def check(asked: TrainingInput) -> None:
    estimator, named = _estimator(asked)
    settings = estimator.get_params()
    estimator.set_params(**{k: min(v, settings[k]) for k, v in TINY.items() if isinstance(settings.get(k), int)})
    random = np.random.default_rng(0)
    count = max(TINY_ROWS, 2 * len(asked.classes))
    features = random.normal(size=(count, len(asked.columns))).astype(np.float32)
    for position, column in enumerate(asked.columns):
        if column["kind"] == "category":
            features[:, position] = np.arange(count) % max(len(column["categories"]), 1)
    kinds = np.arange(count) // 2 % max(len(asked.classes), 2)
    labels = random.normal(size=count) if asked.task == REGRESSION else kinds.astype(np.float64)
    weights = None if asked.weights is None and not asked.hidden else np.ones(count)
    tiny = dataclasses.replace(asked, features=features, labels=labels, weights=weights)
    pipeline = _fitted(tiny, estimator, named)
    holes = features.copy()
    holes[::3, :] = np.nan
    require_same(_converted(asked, pipeline, named), _predictor(asked, pipeline), holes, named, asked.task)


def fit(asked: TrainingInput) -> Fitted:
    require_labels(asked)
    estimator, named = _estimator(asked)
    asked.progress(0, 1, f"fitting {named} on {len(asked.labels)} rows")
    pipeline = _fitted(asked, estimator, named)
    fitted = pipeline.steps[-1][1]
    return Fitted(
        native=pickle.dumps(pipeline, protocol=5),
        native_media_type="application/octet-stream",
        to_onnx=lambda: _converted(asked, pipeline, named),
        predict=_predictor(asked, pipeline),
        iterations=int(np.max(getattr(fitted, "n_iter_", len(getattr(fitted, "estimators_", [])) or 1))),
        curve=[],
        importance=_importance(asked, pipeline),
        parameters={name: value for name, value in estimator.get_params().items() if isinstance(value, (int, float, str, bool))},
        libraries=("scikit-learn", "skl2onnx"),
        thresholds=_thresholds(asked, fitted),
        facts={"estimator": named},
    )


def _estimator(asked: TrainingInput) -> tuple[Any, str]:
    """The estimator with its parameters, not fitted, and its dotted path. Fails with TRAINING_FAILED."""
    wanted = asked.estimator or ""
    known_names = REGRESSORS if asked.task == REGRESSION else CLASSIFIERS
    path, defaults = known_names.get(wanted, (wanted, {}))
    module, _, name = path.rpartition(".")
    example = "sklearn.linear_model.Ridge" if asked.task == REGRESSION else "sklearn.naive_bayes.GaussianNB"
    allowed = f'{", ".join(known_names)}, or the dotted path of a class, such as {example}'
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise refused(f'estimator is "{wanted}", which cannot be imported ({error}); allowed are {allowed}.') from error
    known = inspect.signature(kind).parameters if inspect.isclass(kind) else {}
    if not hasattr(kind, "get_params"):
        raise refused(f'estimator is "{wanted}", which is no scikit-learn estimator; allowed are {allowed}.')
    unknown = next((each for each in asked.params if each not in known), None)
    if unknown is not None:
        raise refused(f'params.{unknown} is no parameter of {path}; it has {", ".join(known)}.', parameter=unknown)
    params = {each: None if value == "none" else value for each, value in whole_floats_as_ints(asked.params).items()}
    if "random_state" in known:
        params.setdefault("random_state", asked.seed)
    if "n_jobs" in known:
        params.setdefault("n_jobs", asked.threads)
    estimator = kind(**{**defaults, **params})
    if asked.task == REGRESSION:
        if not is_regressor(estimator):
            raise refused(f'estimator is "{wanted}", which predicts no values; allowed is a regressor for the task regression.')
    elif not is_classifier(estimator) or not hasattr(estimator, "predict_proba"):
        raise refused(f'estimator is "{wanted}", which gives no probabilities of classes; allowed is a classifier with predict_proba (a parameter may turn it on).')
    if any(asked.monotone):
        raise refused("monotone is not possible with the trainer sklearn; allowed are lightgbm and xgboost.")
    return estimator, path


def _fitted(asked: TrainingInput, estimator: Any, named: str) -> Pipeline:
    pipeline = Pipeline([("columns", _columns(asked, named)), ("estimator", estimator)])
    weight = {} if asked.weights is None else {"estimator__sample_weight": asked.weights}
    if weight and "sample_weight" not in inspect.signature(estimator.fit).parameters:
        raise refused(f"The estimator {named} takes no weights of rows; allowed is a contender without weights.")
    try:
        # Threads, since processes of joblib's own would outlive a cancelled training; and no more of them than were asked for.
        with warnings.catch_warnings(), parallel_config("threading"), threadpool_limits(asked.threads):
            warnings.simplefilter("ignore")
            return fit_in_chunks(asked, pipeline, targets_of(asked), weight)
    except (ValueError, TypeError) as error:
        raise refused(f"scikit-learn refused the training: {str(error).strip().splitlines()[0].rstrip('. ')}.") from error


def _columns(asked: TrainingInput, named: str) -> ColumnTransformer:
    """Numbers: the median for a missing value, scaled where the estimator needs it. Categories: one column each, none for unknown ones."""
    visible = [(i, column) for i, column in enumerate(asked.columns) if i not in asked.hidden]
    numbers = [i for i, column in visible if column["kind"] == "number"]
    categories = [(i, len(column["categories"])) for i, column in visible if column["kind"] == "category"]
    number_steps = [("impute", SimpleImputer(strategy="median", keep_empty_features=True))]
    if not named.startswith(UNSCALED):
        number_steps.append(("scale", StandardScaler()))
    codes = [np.arange(max(count, 1), dtype=np.float32) for _, count in categories]
    one_hot = OneHotEncoder(categories=codes, handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    # A missing category is a code that no category has: a converted encoder could not read NaN on every processor.
    unknown = SimpleImputer(strategy="constant", fill_value=-1, keep_empty_features=True)
    parts = []
    if numbers:
        parts.append(("number", Pipeline(number_steps), numbers))
    if categories:
        parts.append(("category", Pipeline([("impute", unknown), ("encode", one_hot)]), [i for i, _ in categories]))
    return ColumnTransformer(parts, sparse_threshold=0)


def targets_of(asked: TrainingInput) -> np.ndarray:
    """The labels as an estimator takes them: classes are whole numbers."""
    return asked.labels if asked.task == REGRESSION else asked.labels.astype(np.int64)


def _converted(asked: TrainingInput, pipeline: Pipeline, named: str) -> bytes:
    return estimator_to_onnx(pipeline, len(asked.columns), named, asked.task, len(asked.classes))


def _predictor(asked: TrainingInput, pipeline: Pipeline) -> Any:
    def predict(rows: np.ndarray) -> np.ndarray:
        if asked.task == REGRESSION:
            return np.ravel(pipeline.predict(rows)).astype(np.float64)
        found = pipeline.predict_proba(rows).astype(np.float64)
        return found if asked.classes else found[:, 1]

    return predict


def _importance(asked: TrainingInput, pipeline: Pipeline) -> dict[str, float]:
    """The estimator's own importance (or the size of its coefficients), summed over the columns that a feature became."""
    fitted = pipeline.steps[-1][1]
    values = getattr(fitted, "feature_importances_", None)
    if values is None:
        coefficients = getattr(fitted, "coef_", None)
        values = None if coefficients is None else np.abs(np.atleast_2d(coefficients)).mean(axis=0)
    if values is None:
        return {}
    found = {column["name"]: 0.0 for column in asked.columns}
    at = 0
    for position, count in _widths(asked):
        found[asked.columns[position]["name"]] = float(np.sum(values[at : at + count]))
        at += count
    return found


def _widths(asked: TrainingInput) -> list[tuple[int, int]]:
    """In the order after the ColumnTransformer: (column, how many columns it became)."""
    visible = [(i, column) for i, column in enumerate(asked.columns) if i not in asked.hidden]
    numbers = [(i, 1) for i, column in visible if column["kind"] == "number"]
    return numbers + [(i, max(len(column["categories"]), 1)) for i, column in visible if column["kind"] == "category"]


def _thresholds(asked: TrainingInput, fitted: Any) -> list[tuple[int, float]]:
    """The numeric splits of trees: where a converter's rounding would show."""
    numbers = [position for position, count in _widths(asked) if asked.columns[position]["kind"] == "number"]
    found = []
    for tree in np.ravel(getattr(fitted, "estimators_", [fitted])):
        structure = getattr(tree, "tree_", None)
        if structure is None:
            continue
        for feature, threshold in zip(structure.feature, structure.threshold):
            if 0 <= feature < len(numbers):
                found.append((numbers[feature], float32_floor(float(threshold))))
    return found
