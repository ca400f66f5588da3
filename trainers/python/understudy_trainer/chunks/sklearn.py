"""Grows scikit-learn's forests and boosted trees chunk by chunk with `warm_start`, where that gives the trees of one go; all else is one chunk.

A forest draws the generators of the trees that it has once more and goes on; boosted trees keep their generator as an attribute. Not
so with rows of its own set aside (`n_iter_no_change`) or scores over all trees (`oob_score`): those are fitted in one go.
Invariant: after each chunk the estimator goes through its own pickle, interrupted or not, so that the last pickle has the same bytes.
"""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from ..trainers.contract import TrainingInput
from .sizes import CHUNK_AT_LEAST

#: A forest may be large, and each state has all of it.
CHUNKS_AT_MOST = 4
KINDS = tuple(f"{kind}{task}" for kind in ("RandomForest", "ExtraTrees", "GradientBoosting") for task in ("Classifier", "Regressor"))


def fit_in_chunks(asked: TrainingInput, pipeline: Pipeline, labels: np.ndarray, weight: dict[str, np.ndarray]) -> Pipeline:
    """The pipeline (a step `columns`, a step `estimator`), fitted. `weight`: as `Pipeline.fit` takes it. Fails as scikit-learn does."""
    columns, estimator = pipeline.named_steps["columns"], pipeline.named_steps["estimator"]
    settings = estimator.get_params()
    trees = settings.get("n_estimators")
    size = max(CHUNK_AT_LEAST, -(-trees // CHUNKS_AT_MOST)) if _goes_on_exactly(estimator, settings) else None
    if size is None or size >= trees:
        return pipeline.fit(asked.features, labels, **weight)
    rows = columns.fit_transform(asked.features)
    weights = {name.removeprefix("estimator__"): values for name, values in weight.items()}
    state = asked.checkpoints.last()
    grown = 0
    if state is not None:
        estimator = pickle.loads(state)
        grown = estimator.get_params()["n_estimators"]
    while grown < trees:
        grown = min(grown + size, trees)
        estimator.set_params(n_estimators=grown, warm_start=True).fit(rows, labels, **weights)
        asked.progress(grown, trees, f"{grown} of {trees} trees")
        if grown < trees and asked.checkpoints.keeps:
            state = pickle.dumps(estimator, protocol=5)
            asked.checkpoints.save(state)
            estimator = pickle.loads(state)
    return Pipeline([("columns", columns), ("estimator", estimator.set_params(warm_start=settings["warm_start"]))])


def _goes_on_exactly(estimator: Any, settings: dict[str, Any]) -> bool:
    return (
        type(estimator).__name__ in KINDS
        and type(estimator).__module__.startswith("sklearn.ensemble.")
        and isinstance(settings["n_estimators"], int)
        and isinstance(settings["random_state"], int)
        and not any(settings.get(name) for name in ("warm_start", "n_iter_no_change", "oob_score"))
    )
