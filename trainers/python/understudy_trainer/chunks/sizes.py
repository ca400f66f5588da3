"""Where a training is cut into chunks, and the seed of each; both follow from the request alone.

Invariant: nothing here knows of time, so an interrupted training and an undisturbed one are cut at the same iterations.
"""

from __future__ import annotations

import hashlib

#: A training has so many chunks, or fewer: below CHUNK_AT_LEAST iterations a chunk would cost more to keep than to grow again.
CHUNKS_AT_MOST = 40
CHUNK_AT_LEAST = 25
SEEDS = 2**31


def chunk_size(iterations: int, every: int | None) -> int:
    """Iterations of a chunk: `every`, else a fortieth of all, at least 25. The last chunk may have fewer."""
    return every or max(CHUNK_AT_LEAST, -(-iterations // CHUNKS_AT_MOST))


def chunk_seed(seed: int, chunk: int) -> int:
    """The first chunk has the training's own seed; a later one, from 1, a 31-bit hash of it and the chunk's number."""
    if chunk == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}/{chunk}".encode()).digest()[:4], "big") % SEEDS
