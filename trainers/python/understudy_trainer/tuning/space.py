"""The space of a search: parameter -> what may be tried, as the plan's `tuning.space` writes it.

Invariant: what is suggested is always inside the space, and a whole number where the space asks for whole numbers.
"""

from __future__ import annotations

from typing import Any


def is_whole(dimension: dict[str, Any]) -> bool:
    """Whether only whole numbers are tried: `low` and `step` are whole."""
    step = dimension.get("step")
    return step is not None and float(step).is_integer() and float(dimension["low"]).is_integer()


def corners(space: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Two settings that between them have the ends of every range, or the first and the last choice: for a check before any trial."""
    return [{name: _end(dimension, end) for name, dimension in space.items()} for end in (0, 1)]


def _end(dimension: dict[str, Any], end: int) -> Any:
    if dimension.get("choices"):
        return dimension["choices"][-end]
    low, high = dimension["low"], dimension["high"]
    if not is_whole(dimension):
        return float(high if end else low)
    return int(low if not end else high - (high - low) % dimension["step"])
