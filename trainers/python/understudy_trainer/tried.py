"""Tries the parameters of a contender, and the ends of its search, on a few made rows with the library itself, and names the one that is refused.

Invariant: what is tried is never kept; a problem of one parameter names `params.<name>`, or `tuning.space.<name>` where it is searched for.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .failures import TrainerFailure
from .trainers.contract import TrainingInput, refused
from .tuning.space import corners


def try_contender(trainer: Any, asked: TrainingInput, space: dict[str, dict[str, Any]]) -> None:
    """Fails with TRAINING_FAILED and the field's name on the first thing that the trainer refuses."""
    _try(trainer, asked, asked.params, {})
    for corner in corners(space):
        _try(trainer, asked, {**asked.params, **corner}, space)


def _try(trainer: Any, asked: TrainingInput, params: dict[str, Any], space: dict[str, Any]) -> None:
    failure = _refusal(trainer, asked, params)
    if failure is None:
        return
    name = failure.details.get("parameter")
    if name is None:
        # The library does not always say which: a parameter that is refused alone is the one.
        for each, value in params.items():
            alone = _refusal(trainer, asked, {each: value})
            if alone is not None:
                name = each
                failure = refused(f"params.{each} is {value!r}: {alone}", parameter=each)
                break
    if name in space:
        raise refused(str(failure).replace(f"params.{name}", f"tuning.space.{name}", 1), parameter=name)
    raise failure


def _refusal(trainer: Any, asked: TrainingInput, params: dict[str, Any]) -> TrainerFailure | None:
    """Other failures, such as a library that is not there, are no judgement on the parameters."""
    try:
        trainer.check(dataclasses.replace(asked, params=params))
        return None
    except TrainerFailure as failure:
        if failure.code != "TRAINING_FAILED":
            raise
        return failure
