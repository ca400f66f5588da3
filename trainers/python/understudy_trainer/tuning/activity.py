"""The activity `runTrial`: asks what to try, then lets a process of its own try it fold by fold.

Invariant: a later attempt of the same trial tries the same, and goes on after the folds that the last heartbeat has told of.
"""

from __future__ import annotations

import concurrent.futures
import json
import logging
import time
from typing import Any, Callable

from temporalio import activity
from temporalio.exceptions import CancelledError

from ..artifacts import FileArtifacts
from ..failures import TrainerFailure, as_application_error
from ..obtain import obtain
from ..process import TrainingProcess
from .metrics import LOWER_IS_BETTER
from .suggest import suggest

HEARTBEAT_SECONDS = 0.25
#: A cancelled trial may end its present iteration; then it is ended.
STOP_SECONDS = 1.0
log = logging.getLogger("understudy.trainer")


class TrialActivities:
    def __init__(self, artifacts: FileArtifacts, max_threads: int) -> None:
        self.artifacts = artifacts
        self.max_threads = max_threads

    @activity.defn(name="runTrial")
    def run_trial(self, request: dict[str, Any]) -> dict[str, Any]:
        started = time.monotonic()
        name = f'{request["train"]["model"]}/{request["train"]["contender"]} {request["study"]}/{request["number"]}'
        params: dict[str, Any] = {}
        try:
            earlier = json.loads(self.artifacts.read(request["history"]))
            params = request["first"] or _heartbeating(lambda: _suggested(request, earlier), _folds_told())
            complete = [trial["scores"] for trial in earlier if trial["state"] == "complete"]
            result = self._try({**request, "params": params, "complete": complete, "done": _folds_told()})
        except CancelledError:
            log.info("trial %s cancelled", name)
            raise
        except Exception as error:  # noqa: BLE001 (the workflow keeps what was tried with what went wrong)
            failure = as_application_error(error, activity.info().attempt, params=params)
            log.warning("trial %s failed: %s: %s", name, failure.type, failure.message)
            raise failure from None
        log.info("trial %s: %s after %d folds", name, result["state"], len(result["folds"]))
        return {**result, "params": params, "seconds": round(time.monotonic() - started, 3)}

    def _try(self, request: dict[str, Any]) -> dict[str, Any]:
        run = TrainingProcess(request, self.artifacts, self.max_threads, "understudy_trainer.tuning.trial:run_trial")
        try:
            while not run.poll(HEARTBEAT_SECONDS):
                activity.heartbeat({"folds": request["done"], **run.progress})
        finally:
            run.stop(STOP_SECONDS)
        if run.error is not None:
            raise run.error
        assert run.result is not None
        return run.result


def _folds_told() -> list[dict[str, Any]]:
    """What the last attempt had got done, as far as it was heard of."""
    details = activity.info().heartbeat_details
    return list(details[0].get("folds", [])) if details and isinstance(details[0], dict) else []


def _suggested(request: dict[str, Any], earlier: list[dict[str, Any]]) -> dict[str, Any]:
    obtain("optuna", lambda message: log.info("%s", message))
    tuning = request["tuning"]
    lower = LOWER_IS_BETTER[tuning["metric"]]
    return suggest(tuning["space"], earlier, request["seed"], tuning["randomTrials"], lower)


def _heartbeating(work: Callable[[], dict[str, Any]], folds: list[dict[str, Any]]) -> dict[str, Any]:
    """Libraries may have to be installed first, which takes longer than the server waits for a heartbeat."""
    pool = concurrent.futures.ThreadPoolExecutor(1, "suggest")
    asking = pool.submit(work)
    pool.shutdown(wait=False)
    while True:
        activity.heartbeat({"iteration": 0, "of": 0, "message": "asking what to try", "folds": folds})
        done, _ = concurrent.futures.wait([asking], HEARTBEAT_SECONDS)
        if done:
            return asking.result()
