"""The worker process: `python -m understudy_trainer`; and `python -m understudy_trainer check`, see check.py, and
`python -m understudy_trainer obtain NAME...`, see obtain.py.

Environment: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and all else that Temporal's environment configuration knows; ARTIFACT_STORE
(required); UNDERSTUDY_TRAIN_QUEUE (understudy-train-python); TRAINING_THREADS (all cores); UNDERSTUDY_READY_FILE (written when work
can come; it also says that a supervisor started this process, which then ends when the supervisor does).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Callable

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from .activity import TrainActivities
from .artifacts import FileArtifacts
from .artifacts_s3 import S3Artifacts
from .check import main as check
from .failures import TrainerFailure
from .obtain import main as obtain
from .process import prepare
from .tuning.activity import TrialActivities

TRAININGS_AT_ONCE = 2
HEARTBEAT_INTERVAL = timedelta(milliseconds=500)
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.5, 5.0
#: After SIGTERM running trainings get this long; they are retried elsewhere.
GRACE = timedelta(seconds=2)
EXIT_CONFIG = 2
log = logging.getLogger("understudy.trainer")


async def main() -> int:
    try:
        store = os.environ.get("ARTIFACT_STORE")
        if not store:
            raise TrainerFailure("CONFIG_INVALID", "ARTIFACT_STORE is not set; allowed are file:///directory and s3://bucket/prefix.")
        artifacts = S3Artifacts(store) if store.startswith("s3://") else FileArtifacts(store)
        activities = [TrainActivities(artifacts, _threads()).train, TrialActivities(artifacts, _threads()).run_trial]
    except TrainerFailure as failure:
        print(f"{failure.code}: {failure}", file=sys.stderr)
        return EXIT_CONFIG
    prepare()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    ready = os.environ.get("UNDERSTUDY_READY_FILE")
    if ready:
        _end_with(os.getppid(), loop, stop)
    queue = os.environ.get("UNDERSTUDY_TRAIN_QUEUE", "understudy-train-python")
    with concurrent.futures.ThreadPoolExecutor(TRAININGS_AT_ONCE, "activity") as pool:
        delay = FIRST_RETRY_SECONDS
        while not stop.is_set():
            try:
                await _serve(activities, queue, pool, ready, stop)
                delay = FIRST_RETRY_SECONDS
            except Exception as error:  # noqa: BLE001 (the server may come at any time: never give up)
                reason = (str(error).splitlines() or [type(error).__name__])[0]
                log.warning("cannot work with the Temporal server (%s); trying again in %.1f s", reason, delay)
                await _sleep(stop, delay)
                delay = min(2 * delay, LAST_RETRY_SECONDS)
    return 0


async def _serve(
    activities: list[Callable[..., Any]],
    queue: str,
    pool: concurrent.futures.ThreadPoolExecutor,
    ready: str | None,
    stop: asyncio.Event,
) -> None:
    """Polls until told to stop; fails when the server cannot be reached at the start."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "localhost:7233")
    stopping = asyncio.create_task(stop.wait())
    connecting = asyncio.create_task(Client.connect(**config))
    await asyncio.wait([connecting, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not connecting.done():
        connecting.cancel()
        return
    client = connecting.result()
    worker = Worker(
        client,
        task_queue=queue,
        activities=activities,
        activity_executor=pool,
        max_concurrent_activities=TRAININGS_AT_ONCE,
        max_heartbeat_throttle_interval=HEARTBEAT_INTERVAL,
        default_heartbeat_throttle_interval=HEARTBEAT_INTERVAL,
        graceful_shutdown_timeout=GRACE,
    )
    running = asyncio.create_task(worker.run())
    # The worker checks its namespace before it polls; a moment later it either polls or has failed.
    await asyncio.wait([running, stopping], timeout=0.3, return_when=asyncio.FIRST_COMPLETED)
    if not running.done() and not stop.is_set():
        log.info("polling %s on %s, namespace %s", queue, config["target_host"], client.namespace)
        if ready:
            Path(ready).write_text(f"{os.getpid()}\n")
    await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not running.done():
        await worker.shutdown()
    await running


def _threads() -> int:
    text = os.environ.get("TRAINING_THREADS", str(os.cpu_count() or 1))
    if not text.isdigit() or int(text) < 1:
        raise TrainerFailure("CONFIG_INVALID", f'TRAINING_THREADS is "{text}"; allowed is a whole number from 1.')
    return int(text)


def _end_with(parent: int, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stops this process when its parent is gone: an orphan would take work that nobody supervises."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        loop.call_soon_threadsafe(stop.set)
        time.sleep(2 * GRACE.total_seconds())
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except asyncio.TimeoutError:
        pass


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        sys.exit(check())
    if sys.argv[1:2] == ["obtain"]:
        sys.exit(obtain(sys.argv[2:]))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    code = asyncio.run(main())
    logging.shutdown()
    # A training that was cancelled in the middle of a long step may still hold a thread: do not wait for it.
    os._exit(code)
