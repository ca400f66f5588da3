"""One module per trainer, by the name that a plan uses; each is imported only when it is asked for."""

from __future__ import annotations

import importlib

from .contract import Trainer, refused

NAMES = ("lightgbm", "xgboost", "sklearn", "function")
#: Trainer -> the optional libraries (requirements-<name>.txt) that it always needs.
NEEDS = {"xgboost": "xgboost", "sklearn": "sklearn"}


def trainer_of(name: str) -> Trainer:
    """The module of a trainer. Fails with TRAINING_FAILED when there is none of that name."""
    if name not in NAMES:
        raise refused(f'The Python trainer has no "{name}"; allowed is {", ".join(NAMES)}.')
    return importlib.import_module(f"{__name__}.{name}")
