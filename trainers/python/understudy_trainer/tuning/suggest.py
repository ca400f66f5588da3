"""Asks Optuna for the parameters of one trial; the trials before it are told to a fresh study in memory each time.

Invariant: the same earlier trials, space and seed give the same parameters; nothing of Optuna's is kept between two trials.
"""

from __future__ import annotations

import warnings
from typing import Any

from .space import is_whole


def suggest(
    space: dict[str, dict[str, Any]],
    earlier: list[dict[str, Any]],
    seed: int,
    random_trials: int,
    lower_is_better: bool,
) -> dict[str, Any]:
    """
    Parameters by TPE. `earlier`: `{"state": "complete" | "pruned", "params", "value", "scores"}` of each, in the order of their numbers;
    the first `random_trials` of a search are drawn at random. Needs the libraries of requirements-optuna.txt.
    """
    import optuna
    from optuna.trial import TrialState, create_trial

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        # A step that does not end at `high`: it is lowered, as the documentation says.
        warnings.simplefilter("ignore")
        distributions = {name: _distribution(optuna, dimension) for name, dimension in space.items()}
    study = optuna.create_study(
        direction="minimize" if lower_is_better else "maximize",
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=random_trials),
    )
    study.add_trials(
        [
            create_trial(
                state=TrialState.COMPLETE if trial["state"] == "complete" else TrialState.PRUNED,
                params={name: trial["params"][name] for name in space},
                distributions=distributions,
                value=trial["value"] if trial["state"] == "complete" else None,
                intermediate_values=_means(trial["scores"]),
            )
            for trial in earlier
        ]
    )
    return study.ask(distributions).params


def _distribution(optuna: Any, dimension: dict[str, Any]) -> Any:
    kinds = optuna.distributions
    if dimension.get("choices"):
        return kinds.CategoricalDistribution(dimension["choices"])
    low, high, log = dimension["low"], dimension["high"], dimension.get("log", False)
    if is_whole(dimension):
        return kinds.IntDistribution(int(low), int(high), log=log, step=int(dimension["step"]))
    return kinds.FloatDistribution(float(low), float(high), log=log, step=dimension.get("step"))


def _means(scores: list[float]) -> dict[int, float]:
    """What a trial was known to be worth after each of its folds."""
    return {count: sum(scores[:count]) / count for count in range(1, len(scores) + 1)}
