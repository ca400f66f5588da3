"""The activity `train`: heartbeats while a training runs in a process of its own, and stops it within two seconds when cancelled.

Invariant: every heartbeat names the newest state that was kept, so an attempt goes on where the last one was heard of.
"""

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
        earlier = _checkpoint_told()
        run = TrainingProcess({**request, **earlier}, self.artifacts, self.max_threads)
        try:
            while not run.poll(HEARTBEAT_SECONDS):
                activity.heartbeat({**earlier, **run.progress})
            # Where it died, the next attempt is to know of the last state that it kept.
            activity.heartbeat({**earlier, **run.progress})
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


def _checkpoint_told() -> dict[str, Any]:
    """The state that the last attempt had kept, as far as it was heard of."""
    details = activity.info().heartbeat_details
    told = details[0].get("checkpoint") if details and isinstance(details[0], dict) else None
    return {"checkpoint": told} if told else {}
