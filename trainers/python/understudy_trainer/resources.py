"""What a contender asks of the machine that trains it: refused where the machine does not have it, and memory kept to what was asked.

Invariant: a training that may use so much memory fails by itself at that size; it does not take the machine's other work with it.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Any

from .failures import TrainerFailure


def require_resources(asked: dict[str, Any] | None) -> None:
    """Fails with TRAINING_FAILED when this machine cannot give what is asked. `cpu`: cores; `memoryMiB`; `gpu`: devices."""
    if not asked:
        return
    cores, memory = os.cpu_count() or 1, _machine_mebibytes()
    queue = "choose another machine by resources.queue"
    if asked.get("cpu", 0) > cores:
        raise TrainerFailure("TRAINING_FAILED", f'The contender asks for {asked["cpu"]} cores; this machine has {cores}: {queue}.')
    if asked.get("memoryMiB", 0) > memory:
        raise TrainerFailure(
            "TRAINING_FAILED", f'The contender asks for {asked["memoryMiB"]} MiB of memory; this machine has {memory}: {queue}.'
        )
    if asked.get("gpu", 0) > 0:
        raise TrainerFailure("TRAINING_FAILED", f"The contender asks for a GPU; the trainers of this worker use none: {queue}.")


def limit_memory(asked: dict[str, Any] | None) -> None:
    """From now on this process fails with MemoryError beyond what was asked, where the system can do that (Linux)."""
    mebibytes = (asked or {}).get("memoryMiB")
    if mebibytes and sys.platform == "linux":
        size = mebibytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _machine_mebibytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)
