"""The activity `train`: heartbeats while a training runs in a thread of its own, and stops it within two seconds when cancelled.

Why two threads: LightGBM's own steps can take seconds without calling back; the activity's thread goes on with heartbeats meanwhile.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from temporalio import activity
from temporalio.exceptions import CancelledError

from .artifacts import FileArtifacts
from .failures import TrainingCancelled, as_application_error
from .train import train

HEARTBEAT_SECONDS = 0.25
STOP_SECONDS = 1.0
log = logging.getLogger("understudy.trainer")


class TrainActivities:
    def __init__(self, artifacts: FileArtifacts, max_threads: int) -> None:
        self.artifacts = artifacts
        self.max_threads = max_threads

    @activity.defn(name="train")
    def train(self, request: dict[str, Any]) -> dict[str, Any]:
        run = _Run(request, self.artifacts, self.max_threads)
        name = f'{request.get("model")}/{request.get("contender")}'
        log.info("training %s started", name)
        try:
            while not run.ended.wait(HEARTBEAT_SECONDS):
                activity.heartbeat(run.progress)
        except CancelledError:
            run.cancelled.set()
            stopped = run.ended.wait(STOP_SECONDS)
            log.info("training %s cancelled%s", name, "" if stopped else "; it stops after its present step")
            raise
        if run.error is not None:
            failure = as_application_error(run.error)
            # Only what nobody foresaw needs a stack trace in the log.
            trace = run.error if failure.type == "INTERNAL" else None
            log.warning("training %s failed: %s: %s", name, failure.type, failure.message, exc_info=trace)
            raise failure from None
        assert run.result is not None
        log.info("training %s ended after %s iterations", name, run.result["iterations"])
        return run.result


class _Run:
    """A training in its thread, and what others may see of it."""

    def __init__(self, request: dict[str, Any], artifacts: FileArtifacts, max_threads: int) -> None:
        self.ended = threading.Event()
        self.cancelled = threading.Event()
        self.progress: dict[str, Any] = {"iteration": 0, "of": 0, "message": "starting"}
        self.result: dict[str, Any] | None = None
        self.error: BaseException | None = None

        def tell(iteration: int, of: int, message: str) -> None:
            if self.cancelled.is_set():
                raise TrainingCancelled
            self.progress = {"iteration": iteration, "of": of, "message": message}

        def work() -> None:
            try:
                self.result = train(request, artifacts, max_threads, tell, self.cancelled.is_set)
            except BaseException as error:  # noqa: BLE001 (whatever it was, the activity's thread must hear of it)
                self.error = error
            finally:
                self.ended.set()

        threading.Thread(target=work, name="training", daemon=True).start()
