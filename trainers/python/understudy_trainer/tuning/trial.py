"""One trial in the training's process: fits on fold after fold forward in time, and gives up when it is hopeless.

Invariant: the same request gives the same scores, also when the folds of an earlier attempt are taken over.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import time
from typing import Any, Callable

import numpy as np

from ..artifacts import FileArtifacts
from ..matrix import Matrix, read_matrix
from ..obtain import obtain
from ..resources import require_resources
from ..train import asked_of
from ..trainers import NEEDS, trainer_of
from ..trainers.contract import Trainer, TrainingInput
from ..weights import row_weights
from .folds import folds_of
from .metrics import LOWER_IS_BETTER, score
from .pruning import hopeless


def run_trial(
    request: dict[str, Any],
    artifacts: FileArtifacts,
    max_threads: int,
    progress: Callable[..., None],
    cancelled: Callable[[], bool],
    keep: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """
    Does a TrialRequest, its `params` filled in by `suggest`, and gives the TrialResult of src/domain/training/tuning.ts without them. `complete`: the
    scores of the complete trials before it; `done`: folds of an earlier attempt. `keep` is not used: a fold that was interrupted is repeated.
    """
    training, tuning = request["train"], request["tuning"]
    name, metric = training["trainer"], tuning["metric"]
    require_resources(training.get("resources"))
    if name in NEEDS:
        obtain(NEEDS[name], lambda message: progress(0, 0, message, folds=request["done"]))
    trainer = trainer_of(name)
    columns = json.loads(artifacts.read(training["signature"]))["columns"]
    asked = asked_of(
        {**training, "params": {**training["params"], **request["params"]}},
        columns,
        min(training["threads"], max_threads),
        cancelled=cancelled,
    )
    trainer.check(asked)
    matrix = read_matrix(artifacts.read(training["matrix"]), columns, asked.task, len(asked.classes))
    folds = folds_of(matrix.days, tuning["folds"], tuning["foldDays"], training["earlyStoppingDays"])
    done: list[dict[str, Any]] = list(request["done"])
    after, better_low = tuning["pruneAfter"], LOWER_IS_BETTER[metric]
    state = "complete"
    for number, (train, judge) in enumerate(folds, 1):
        if number > len(done):
            before = list(done)
            fold = dataclasses.replace(
                asked,
                progress=lambda at, of, message: progress(at, of, f"fold {number} of {len(folds)}: {message}", folds=before),
            )
            done.append(_fold(trainer, fold, matrix, training.get("weights"), train, judge, metric))
            progress(0, len(folds), f"fold {number} of {len(folds)}: {metric} {done[-1]['score']:.5f}", folds=done)
        scores = [fold["score"] for fold in done[:number]]
        if number < len(folds) and hopeless(scores, request["complete"], after["trials"], after["folds"], better_low):
            done, state = done[:number], "pruned"
            break
    return {"state": state, "value": statistics.fmean(fold["score"] for fold in done), "folds": done}


def _fold(
    trainer: Trainer,
    asked: TrainingInput,
    matrix: Matrix,
    weights: dict[str, Any] | None,
    train: np.ndarray,
    judge: np.ndarray,
    metric: str,
) -> dict[str, Any]:
    """One fold's score: mean of nothing, the metric itself on the days after those that it was trained on."""
    started = time.monotonic()
    asked = dataclasses.replace(asked, labels=matrix.labels[train], days=matrix.days[train])
    rows, hidden = matrix.features[train], sorted(asked.hidden)
    own = None if matrix.weights is None else matrix.weights[train]
    counted = row_weights(weights, rows, asked.labels, asked.hidden, ~asked.late, asked.classes, own)
    judged = matrix.features[judge]
    rows[:, hidden] = 0
    judged[:, hidden] = 0
    fitting = time.monotonic()
    fitted = trainer.fit(dataclasses.replace(asked, features=rows, weights=counted))
    fitted_after = time.monotonic()
    return {
        "score": score(metric, matrix.labels[judge], fitted.predict(judged)),
        "rows": int(judge.sum()),
        "trainRows": int(train.sum()),
        "iterations": fitted.iterations,
        "fitSeconds": round(fitted_after - fitting, 3),
        "seconds": round(time.monotonic() - started, 3),
    }
