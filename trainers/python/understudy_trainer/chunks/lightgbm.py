"""Grows LightGBM's trees chunk by chunk, each by a booster of its own on the same binned rows, from the raw scores of the chunk before.

Why the scores are kept and not predicted again: a prediction of the whole model after each chunk would cost a third of the training
(measured), and bundled columns may conflict in rows that the bundling did not sample, so that it would not be exact.
Invariant: a chunk depends on its parameters, the rows and the scores before it, never on whether the process is the one that grew those.
"""

from __future__ import annotations

import ctypes
import json
from typing import Any, Callable

import lightgbm as lgb
import numpy as np
from lightgbm.basic import _LIB, _safe_call

from ..trainers.contract import TrainingInput
from ..trainers.warm_start import lightgbm_start
from .best import Best
from .checkpoints import pack, unpack
from .sizes import chunk_seed, chunk_size

#: Those that LightGBM derives from `seed`, unless they are given. How rows are sampled for the bins is fixed with the rows.
SEEDS = ("seed", "bagging_seed", "feature_fraction_seed", "extra_seed", "drop_seed", "objective_seed")

#: Beside early-stopping days the training rows are evaluated at every so-many-th iteration only: at each it is a sixth of the fit (measured).
TRAIN_EVERY = 10

#: Tells of an iteration, from 1, and its evaluations, and gives its point on the curve.
Watch = Callable[[int, list[Any]], dict[str, float]]


def in_one_chunk(params: dict[str, Any]) -> bool:
    """
    What looks back further than at scores is grown in one go: `dart` drops earlier trees, `goss` counts its iterations, and the costs of
    features remember which were used.
    """
    return (
        params.get("boosting") in ("dart", "goss")
        or params.get("data_sample_strategy") == "goss"
        or any(name.startswith("cegb_") for name in params)
    )


def rows_params(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters by which rows are binned: the same for all chunks."""
    return {**params, "data_random_seed": params.get("data_random_seed", params["seed"])}


def grow_in_chunks(
    asked: TrainingInput,
    params: dict[str, Any],
    iterations: int,
    training: lgb.Dataset,
    valid: lgb.Dataset | None,
    watch: Watch,
) -> tuple[lgb.Booster, list[dict[str, float]]]:
    """
    The booster, its `best_iteration` set where it stops early, and the curve. `training` and `valid` were made with `rows_params`. Fails as
    LightGBM does.
    """
    size = iterations if in_one_chunk(params) else chunk_size(iterations, asked.checkpoint_every)
    stops = valid is not None and params.get("boosting") != "dart"
    best = Best(asked.early_stopping_rounds if stops else None)
    curve: list[dict[str, float]] = []
    earlier = start = lightgbm_start(asked)
    before = 0 if start is None else start.current_iteration()
    scores: list[np.ndarray] = []
    states = asked.checkpoints.chain()
    if states:
        best, curve, earlier, scores = _restored(states, start)
    elif start is not None:
        scores = [_predicted(start, asked, rows) for rows in (~asked.late, asked.late) if rows.any()]
    while True:
        grown, told = 0 if earlier is None else earlier.current_iteration(), len(curve)
        booster = _booster(params, len(curve) // size, training, valid, earlier, scores)
        ended = False
        while not ended and len(curve) < iterations:
            booster.update()
            looks = valid is None or len(curve) % TRAIN_EVERY == 0
            found = [*(booster.eval_train() if looks else []), *(booster.eval_valid() if valid is not None else [])]
            curve.append(watch(len(curve) + 1, found))
            ended = stops and best.seen(len(curve), float(found[-1][2]), bool(found[-1][3]))
            if len(curve) % size == 0:
                break
        if ended or len(curve) >= iterations:
            # A tree without a split is written in another way once it has been read: so all are read.
            result = lgb.Booster(model_str=booster.model_to_string())
            result.best_iteration = before + best.iteration if stops else -1
            return result, curve
        # The chunk's own trees only, or the states together would be as large as the square of the model. Before the scores: reading those
        # takes the objective from the booster.
        text = booster.model_to_string(start_iteration=grown) if asked.checkpoints.keeps else ""
        earlier, scores = booster, _raw_scores(booster, 1 if valid is None else 2)
        if asked.checkpoints.keeps:
            asked.checkpoints.save(_state(best, curve[told:], text, scores), follows=told > 0)


def _booster(
    params: dict[str, Any],
    chunk: int,
    training: lgb.Dataset,
    valid: lgb.Dataset | None,
    earlier: lgb.Booster | None,
    scores: list[np.ndarray],
) -> lgb.Booster:
    for rows, known in zip([training, valid], scores):
        if rows is not None:
            rows.construct().set_init_score(known)
    seeds = {name: chunk_seed(params[name], chunk) for name in SEEDS if name in params}
    booster = lgb.Booster({**rows_params(params), **seeds}, training)
    if earlier is not None:
        # The trees so far, in front of those to come; they take no part in the growing.
        _safe_call(_LIB.LGBM_BoosterMerge(booster._handle, earlier._handle))
    if valid is not None:
        booster.add_valid(valid, "valid")
    return booster


def _predicted(start: lgb.Booster, asked: TrainingInput, rows: np.ndarray) -> np.ndarray:
    """Raw scores of the model that the training goes on from, class by class, as LightGBM takes them."""
    return np.asarray(start.predict(asked.features[rows], raw_score=True, num_threads=asked.threads), np.float64).ravel("F")


def _raw_scores(booster: lgb.Booster, sets: int) -> list[np.ndarray]:
    """Sums of leaves, of the training rows and then the late ones. Without an objective LightGBM gives them as they are; the booster grows no more."""
    booster.reset_parameter({"objective": "none"})
    found = []
    for number in range(sets):
        length = ctypes.c_int64(0)
        _safe_call(_LIB.LGBM_BoosterGetNumPredict(booster._handle, ctypes.c_int(number), ctypes.byref(length)))
        scores = np.empty(length.value, np.float64)
        pointer = scores.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        _safe_call(_LIB.LGBM_BoosterGetPredict(booster._handle, ctypes.c_int(number), ctypes.byref(length), pointer))
        found.append(scores)
    return found


def _state(best: Best, curve: list[dict[str, float]], text: str, scores: list[np.ndarray]) -> bytes:
    parts = {"model": text.encode(), "curve": json.dumps(curve).encode()}
    return pack({"best": best.state()}, {**parts, **{f"scores{i}": each.tobytes() for i, each in enumerate(scores)}})


def _restored(states: list[bytes], start: lgb.Booster | None) -> tuple[Best, list[dict[str, float]], lgb.Booster, list[np.ndarray]]:
    opened = [unpack(state) for state in states]
    facts, parts = opened[-1]
    scores = [np.frombuffer(parts[f"scores{i}"], np.float64) for i in range(2) if f"scores{i}" in parts]
    curve = [point for _, each in opened for point in json.loads(each["curve"])]
    chunks = [*([] if start is None else [start]), *(lgb.Booster(model_str=each["model"].decode()) for _, each in opened)]
    earlier = chunks.pop()
    for before in reversed(chunks):
        _safe_call(_LIB.LGBM_BoosterMerge(earlier._handle, before._handle))
    return Best(**facts["best"]), curve, earlier, scores
