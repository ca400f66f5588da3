"""Continued training: the booster that a training goes on from, read from the parent's native bytes.

Invariant: the parent's trees stay as they are, and come first; category codes mean the same in both, which the caller has seen to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .contract import TrainingInput, refused

if TYPE_CHECKING:
    import lightgbm
    import xgboost

#: Kinds of boosting that change or average the trees that are there, so that none can be added to them.
NOT_GROWING = ("dart", "rf")


def require_growing(boosting: Any) -> None:
    """Fails with TRAINING_FAILED where trees cannot be added to those of another model."""
    if boosting in NOT_GROWING:
        raise refused(
            f'params.boosting is "{boosting}"; with startFrom allowed is "gbdt" or "goss", which only add trees.',
            parameter="boosting",
        )


def lightgbm_start(asked: TrainingInput) -> "lightgbm.Booster | None":
    """LightGBM's model of the parent; None: the training starts from nothing. Fails with TRAINING_FAILED when it is none of these columns."""
    if asked.start is None:
        return None
    import lightgbm as lgb

    try:
        parent = lgb.Booster(model_str=asked.start.decode())
    except (lgb.basic.LightGBMError, UnicodeDecodeError) as error:
        raise refused("The model that startFrom names is no model of LightGBM.") from error
    _require_width(asked, parent.num_feature())
    return parent


def xgboost_start(asked: TrainingInput) -> "xgboost.Booster | None":
    """XGBoost's model of the parent; None: the training starts from nothing. Fails with TRAINING_FAILED when it is none of these columns."""
    if asked.start is None:
        return None
    import xgboost as xgb

    try:
        parent = xgb.Booster(model_file=bytearray(asked.start))
    except (xgb.core.XGBoostError, ValueError) as error:
        raise refused("The model that startFrom names is no model of XGBoost.") from error
    _require_width(asked, parent.num_features())
    return parent


def _require_width(asked: TrainingInput, found: int) -> None:
    if found != len(asked.columns):
        raise refused(f"The model that startFrom names has {found} columns; allowed is {len(asked.columns)}, as there are now.")
