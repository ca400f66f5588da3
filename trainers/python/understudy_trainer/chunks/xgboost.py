"""Grows XGBoost's trees with a generator of random numbers that starts anew at each iteration and each chunk, so that a saved booster goes on exactly.

Invariant: `seed_per_iteration` draws each iteration's numbers from the seed and its number; the sampler of columns, which lives in the
updater, is made again where a chunk starts, as it is when a saved booster is loaded. So margins and trees are the same both ways.
"""

from __future__ import annotations

import json
from typing import Any, Callable

import xgboost as xgb

from ..trainers.contract import TrainingInput
from ..trainers.warm_start import xgboost_start
from .best import Best
from .checkpoints import pack, unpack
from .sizes import chunk_size

#: Tells of an iteration, from 1, and the loss on each set by its name, and gives its point on the curve.
Watch = Callable[[int, dict[str, float]], dict[str, float]]


def grow_in_chunks(
    asked: TrainingInput,
    params: dict[str, Any],
    iterations: int,
    sets: list[tuple[xgb.DMatrix, str]],
    watch: Watch,
) -> tuple[xgb.Booster, int, list[dict[str, float]]]:
    """The booster, its best iteration and the curve. `sets`: the training rows, then the late ones where there are any. Fails as XGBoost does."""
    size = chunk_size(iterations, asked.checkpoint_every)
    stops = len(sets) > 1
    best = Best(asked.early_stopping_rounds if stops else None)
    curve: list[dict[str, float]] = []
    start = xgboost_start(asked)
    before = 0 if start is None else start.num_boosted_rounds()
    model = None if asked.start is None else bytearray(asked.start)
    state = asked.checkpoints.last()
    if state is not None:
        facts, parts = unpack(state)
        best, curve, model = Best(**facts["best"]), json.loads(parts["curve"]), bytearray(parts["model"])
    training = sets[0][0]
    booster = xgb.Booster({**params, "seed_per_iteration": True}, [each for each, _ in sets], model_file=model)
    while len(curve) < iterations:
        booster.update(training, iteration=before + len(curve))
        losses = _losses(booster.eval_set(sets, before + len(curve)))
        curve.append(watch(len(curve) + 1, losses))
        if stops and best.seen(len(curve), losses[sets[-1][1]]):
            break
        if len(curve) % size == 0 and len(curve) < iterations:
            _start_chunk(booster, params)
            if asked.checkpoints.keeps:
                parts = {"model": bytes(booster.save_raw("ubj")), "curve": json.dumps(curve).encode()}
                asked.checkpoints.save(pack({"best": best.state()}, parts))
    return booster, before + (best.iteration if stops else len(curve)), curve


def _start_chunk(booster: xgb.Booster, params: dict[str, Any]) -> None:
    """XGBoost makes its updaters again when they change; `save_config` makes it look."""
    for method in ("approx", params["tree_method"]):
        booster.set_param({"tree_method": method})
        booster.save_config()


def _losses(line: str) -> dict[str, float]:
    """Reads `[3]\\ttrain-logloss:0.31\\tvalid-logloss:0.33`."""
    return {name.rpartition("-")[0]: float(value) for name, _, value in (each.rpartition(":") for each in line.split()[1:])}
