"""The activity `train`: heartbeats while a training runs in a process of its own, and stops it within two seconds when cancelled."""

from __future__ import annotations

import logging
from typing import Any

from temporalio import activity
from temporalio.exceptions import CancelledError

from .artifacts import FileArtifacts
from .failures import as_application_error
from .process import TrainingProcess

HEARTBEAT_SECONDS = 0.25
#: A cancelled training may end its present iteration; then it is ended.
STOP_SECONDS = 1.0
log = logging.getLogger("understudy.trainer")


class TrainActivities:
    def __init__(self, artifacts: FileArtifacts, max_threads: int) -> None:
        self.artifacts = artifacts
        self.max_threads = max_threads

    @activity.defn(name="train")
    def train(self, request: dict[str, Any]) -> dict[str, Any]:
        name = f'{request.get("model")}/{request.get("contender")}'
        log.info("training %s started", name)
        run = TrainingProcess(request, self.artifacts, self.max_threads)
        try:
            while not run.poll(HEARTBEAT_SECONDS):
                activity.heartbeat(run.progress)
        except CancelledError:
            log.info("training %s cancelled", name)
            raise
        finally:
            run.stop(STOP_SECONDS)
        if run.error is not None:
            failure = as_application_error(run.error, activity.info().attempt)
            log.warning("training %s failed: %s: %s", name, failure.type, failure.message)
            raise failure from None
        assert run.result is not None
        log.info("training %s ended after %s iterations", name, run.result["iterations"])
        return run.result
