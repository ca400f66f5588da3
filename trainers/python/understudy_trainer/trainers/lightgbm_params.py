"""Judges a contender's LightGBM parameters before any work: unknown and reserved names are the author's mistake, said in a sentence.

Invariant: what comes out are LightGBM's own names (aliases resolved), plus what every training here needs to be repeatable.
"""

from __future__ import annotations

import difflib
from typing import Any

from lightgbm.basic import _ConfigAliases

from .contract import refused, whole_floats_as_ints, whole_number

_BY_PLAN = "it follows from the plan"
_BY_TRAINER = "the trainer sets it"
_CONVERSION = "such a model cannot be converted to ONNX exactly"
#: Parameters that an author may not set, and why.
RESERVED = {
    **dict.fromkeys(["objective", "num_class", "seed", "early_stopping_round", "categorical_feature"], _BY_PLAN),
    **dict.fromkeys(["num_threads", "metric", "deterministic", "force_row_wise", "force_col_wise", "verbosity"], _BY_TRAINER),
    **dict.fromkeys(["task", "data", "valid", "input_model", "output_model", "output_result", "snapshot_freq"], _BY_TRAINER),
    **dict.fromkeys(["linear_tree", "zero_as_missing", "boost_from_file", "refit_decay_rate"], _CONVERSION),
    "monotone_constraints": "the contender's monotone says it by the features' names",
}
#: Task -> what is minimised, and what is watched.
OBJECTIVES = {
    "binary": {"objective": "binary", "metric": "binary_logloss"},
    "multiclass": {"objective": "multiclass", "metric": "multi_logloss"},
    "regression": {"objective": "regression", "metric": "rmse"},
}
BOOSTING = ("gbdt", "dart", "goss")
DEFAULT_ITERATIONS = 100


def lightgbm_params(
    params: dict[str, Any], seed: int, threads: int, task: str = "binary", classes: int = 0
) -> tuple[dict[str, Any], int]:
    """The full parameters of a fit, and its number of iterations. Fails with TRAINING_FAILED and a sentence."""
    known = _canonical_names()
    chosen: dict[str, Any] = {}
    for name, value in params.items():
        canonical = known.get(name)
        if canonical is None:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            raise refused(f'params.{name} is no parameter of LightGBM.{hint}', parameter=name)
        if canonical in RESERVED and not (canonical in ("linear_tree", "zero_as_missing") and value is False):
            raise refused(f"params.{name} may not be set: {RESERVED[canonical]}.", parameter=name)
        if canonical in chosen:
            raise refused(f"params.{name} is given twice (as another name of {canonical}).", parameter=name)
        chosen[canonical] = value
    boosting = chosen.get("boosting", "gbdt")
    if boosting not in BOOSTING:
        raise refused(f'params.boosting is "{boosting}"; allowed are {", ".join(BOOSTING)}.', parameter="boosting")
    iterations = whole_number("num_iterations", chosen.pop("num_iterations", DEFAULT_ITERATIONS))
    chosen = whole_floats_as_ints(chosen)
    fixed = {
        **OBJECTIVES[task],
        **({"num_class": classes} if task == "multiclass" else {}),
        "seed": seed,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    return {**chosen, **fixed}, iterations


def _canonical_names() -> dict[str, str]:
    """Every name that LightGBM itself knows, aliases included, by what it stands for."""
    aliases = _ConfigAliases._get_all_param_aliases()
    return {name: canonical for canonical, others in aliases.items() for name in (canonical, *others)}
