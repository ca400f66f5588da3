"""Runs one training in a process of its own, so that a crash, a lack of memory or an endless step of it is its own alone.

Why a fork server: a fresh interpreter needs half a second to import the libraries; a fork of one that has them, 20 ms. It imports
only, so that no thread of theirs exists when it forks.
Invariant: the process ends when the training ends, when it is told to, and when this process is gone.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import threading
import time
from multiprocessing.connection import Connection, wait
from typing import Any

from .artifacts import FileArtifacts
from .failures import TrainerFailure, TrainingCancelled, classified

#: Progress is told at most so often.
TELL_SECONDS = 0.1
_CONTEXT = multiprocessing.get_context("forkserver")


def prepare() -> None:
    """Starts the fork server and lets it import what trainings need. Call before the first training."""
    _CONTEXT.set_forkserver_preload(["understudy_trainer.tuning.trial", "understudy_trainer.trainers.lightgbm"])
    multiprocessing.forkserver.ensure_running()


class TrainingProcess:
    """A training in its process. `poll` until it is over; then `result` or `error` is set."""

    def __init__(
        self, request: dict[str, Any], artifacts: FileArtifacts, max_threads: int, job: str = "understudy_trainer.train:train"
    ) -> None:
        """`job`: module and function that does the request."""
        self.progress: dict[str, Any] = {"iteration": 0, "of": 0, "message": "starting"}
        self.result: dict[str, Any] | None = None
        self.error: TrainerFailure | None = None
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_work, args=(theirs, request, artifacts, max_threads, job), name="training"
        )
        self._process.start()
        theirs.close()

    def poll(self, seconds: float) -> bool:
        """Waits at most so long for news; True once the training is over."""
        until = time.monotonic() + seconds
        while self.result is None and self.error is None:
            left = until - time.monotonic()
            if left <= 0 or not self._connection.poll(left):
                return False
            try:
                kind, content = self._connection.recv()
            except (EOFError, ConnectionError):
                self.error = self._died()
                break
            if kind == "progress":
                self.progress = content
            elif kind == "result":
                self.result = content
            else:
                code, message, details = content
                self.error = TrainerFailure(code, message, **details)
        return True

    def stop(self, seconds: float) -> None:
        """Asks it to stop, and ends it when it has not within so long."""
        try:
            self._connection.send("stop")
        except OSError:
            pass
        self._process.join(seconds)
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _died(self) -> TrainerFailure:
        self._process.join()
        code = self._process.exitcode or 0
        if code == -signal.SIGKILL:
            said = "was killed: most likely this machine ran out of memory"
        elif code < 0:
            said = f"crashed in native code ({signal.Signals(-code).name})"
        else:
            said = f"ended with exit code {code} and without a result"
        return TrainerFailure("TRAINER_CRASHED", f'The training process {said}; it had told: {self.progress["message"]}.')


class _Line:
    """What goes from the training's process to the worker: the latest progress now and then, and the end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.cancelled = threading.Event()
        self._lock = threading.Lock()
        self._untold: dict[str, Any] | None = None
        self._last: dict[str, Any] = {"iteration": 0, "of": 0, "message": "starting"}
        self._kept: dict[str, Any] = {}

    def tell(self, iteration: int, of: int, message: str, **more: Any) -> None:
        if self.cancelled.is_set():
            raise TrainingCancelled
        self._last = {"iteration": iteration, "of": of, "message": message, **more}
        self._untold = {**self._last, **self._kept}
        if iteration == 0:
            # A step, not an iteration: should it be the last one, it has to be known.
            self.flush()

    def keep(self, checkpoint: dict[str, Any]) -> None:
        """From now on a later attempt goes on from this state: told at once, and with all that is told after it."""
        self._kept = {"checkpoint": checkpoint}
        self._untold = {**self._last, **self._kept}
        self.flush()

    def send(self, kind: str, content: Any) -> None:
        with self._lock:
            self.connection.send((kind, content))

    def flush(self) -> None:
        untold, self._untold = self._untold, None
        if untold is not None:
            self.send("progress", untold)

    def watch(self) -> None:
        """Hears of a cancellation, and ends this process when the worker is gone: nobody would take its result."""
        parent = multiprocessing.parent_process()
        assert parent is not None
        while True:
            ready = wait([self.connection, parent.sentinel], TELL_SECONDS)
            if parent.sentinel in ready:
                os._exit(1)
            try:
                if self.connection in ready:
                    self.connection.recv()
                    self.cancelled.set()
                self.flush()
            except (EOFError, OSError):
                os._exit(1)


def _work(connection: Connection, request: dict[str, Any], artifacts: FileArtifacts, max_threads: int, job: str) -> None:
    """The whole life of the training's process."""
    logging.disable(logging.INFO)
    line = _Line(connection)
    threading.Thread(target=line.watch, name="worker-watch", daemon=True).start()
    try:
        from .resources import limit_memory

        limit_memory((request.get("train") or request).get("resources"))
        module, _, function = job.partition(":")
        do = getattr(importlib.import_module(module), function)
        line.send("result", do(request, artifacts, max_threads, line.tell, line.cancelled.is_set, line.keep))
    except TrainingCancelled:
        pass
    except BaseException as error:  # noqa: BLE001 (whatever it was, the activity must hear of it)
        failure = classified(error)
        if failure.code == "INTERNAL":
            logging.getLogger("understudy.trainer").warning("the training stopped", exc_info=error)
        line.send("error", (failure.code, str(failure), failure.details))
    # Threads of libraries, or an author's own, keep nothing alive.
    os._exit(0)
