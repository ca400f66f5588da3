"""Keeps the state of a running training in the artifact store, and finds what an earlier attempt of the same training kept.

Invariant: a state is used only by the training that made it: the same request, the same threads, the same libraries. Whatever else is
found, or is not found, a training starts from the beginning.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Callable, Mapping

from ..artifacts import FileArtifacts
from ..failures import TrainerFailure, classified

MEDIA_TYPE = "application/octet-stream"
LENGTH_BYTES = 8


class NoCheckpoints:
    """For what is repeated rather than resumed, such as a fold of a trial."""

    #: Whether it is worth making a state.
    keeps = False

    def last(self) -> bytes | None:
        return None

    def chain(self) -> list[bytes]:
        return []

    def save(self, state: bytes, follows: bool = False) -> None:
        pass


class Checkpoints:
    """The states of one training. `tell` is given the newest one's reference: it travels with the heartbeats."""

    keeps = True

    def __init__(
        self,
        artifacts: FileArtifacts,
        key: str,
        earlier: Mapping[str, Any] | None,
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        """`earlier`: the reference that the last heartbeat of the attempt before had."""
        self._artifacts = artifacts
        self._key = key
        self._earlier = earlier
        self._tell = tell

    def last(self) -> bytes | None:
        """The newest state of this training, also one that an earlier attempt kept; None: there is none to go on from."""
        opened = self._opened(self._earlier)
        return None if opened is None else opened[1]

    def chain(self) -> list[bytes]:
        """The newest state and all that it follows, the first one first; empty: there is none to go on from, or a part is lost."""
        found: list[bytes] = []
        ref = self._earlier
        while ref is not None:
            opened = self._opened(ref)
            if opened is None:
                return []
            ref, state = opened
            found.insert(0, state)
        return found

    def _opened(self, ref: Mapping[str, Any] | None) -> tuple[Mapping[str, Any] | None, bytes] | None:
        """What a state follows, and itself; None when it cannot be read or is not this training's."""
        if ref is None:
            return None
        try:
            facts, parts = unpack(self._artifacts.read(dict(ref)))
        except (TrainerFailure, ValueError, KeyError):
            return None
        return (facts["follows"], parts["state"]) if facts.get("key") == self._key else None

    def save(self, state: bytes, follows: bool = False) -> None:
        """
        Keeps a state; the next attempt goes on from it. `follows`: it is worth something only together with the one before, which this
        object has given or saved. Fails with STORE_FULL.
        """
        facts = {"key": self._key, "follows": self._earlier if follows else None}
        try:
            self._earlier = self._artifacts.put(pack(facts, {"state": state}), MEDIA_TYPE)
        except OSError as error:
            # An author's function would take the blame for a full disk.
            raise classified(error) from error
        self._tell(dict(self._earlier))


def key_of(request: Mapping[str, Any], lock: bytes) -> str:
    """SHA-256 over all that the bytes of a training depend on: what was asked, and the environment's lock with its threads."""
    return hashlib.sha256(json.dumps([request, lock.decode()], sort_keys=True).encode()).hexdigest()


def pack(facts: Mapping[str, Any], parts: Mapping[str, bytes]) -> bytes:
    """One byte string: the length of a JSON head (8 bytes, big-endian), the head, the parts in their order. The same content, the same bytes."""
    head = json.dumps({"facts": facts, "parts": [[name, len(part)] for name, part in parts.items()]}, sort_keys=True).encode()
    return b"".join([len(head).to_bytes(LENGTH_BYTES, "big"), head, *parts.values()])


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The other way round. Fails with ValueError or KeyError on anything that `pack` did not make."""
    start = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "big")
    head = json.loads(content[LENGTH_BYTES:start])
    parts: dict[str, bytes] = {}
    for name, length in head["parts"]:
        parts[name] = content[start : start + length]
        start += length
    if start != len(content):
        raise ValueError(f"{len(content)} bytes where the head says {start}")
    return head["facts"], parts
