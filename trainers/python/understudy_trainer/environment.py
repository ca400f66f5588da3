"""The lock of the environment that trains: what has to be the same for a training to give the same bytes again.

Invariant: the same environment gives the same lock, byte for byte; nothing of the host, the user or the hour is in it.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import distributions

MEDIA_TYPE = "application/json"


def environment_lock(threads: int) -> bytes:
    """JSON: `language`, `version`, `platform`, `threads` as used, and `packages` by name, as they can be imported now."""
    packages: dict[str, str] = {}
    for found in distributions():
        # The first on the path is the one that is imported.
        packages.setdefault(found.metadata["Name"], found.version)
    lock = {
        "language": platform.python_implementation(),
        "version": platform.python_version(),
        "platform": " ".join(part for part in (platform.system(), platform.machine(), *platform.libc_ver()) if part),
        "threads": threads,
        "packages": packages,
    }
    return json.dumps(lock, sort_keys=True).encode()
