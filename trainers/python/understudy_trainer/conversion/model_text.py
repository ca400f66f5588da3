"""LightGBM's model text: reads its trees, and makes its numeric splits exact for float32 inputs.

Invariant: for every float32 row, the edited model takes the same branches as the original one; and after the edit every numeric
split says by its own flags where a missing value goes, so that a converter needs no special cases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

CATEGORICAL, DEFAULT_LEFT = 1, 2
#: Not LightGBM's: a missing value counts as one of a categorical split's codes (a split of XGBoost can say so).
MISSING_IN_SET = 16
MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 4, 8
_MISSING_MASK = 12
#: LightGBM takes values no farther from 0 than this as 0 (its kZeroThreshold); and the next float32 below that band.
ZERO_BAND = float(np.float32(1e-35))
_BELOW_ZERO_BAND = float(np.nextafter(np.float32(-1e-35), np.float32(-np.inf)))


@dataclass(frozen=True)
class Tree:
    """One tree in LightGBM's own arrays: a child >= 0 is a split, a child < 0 is leaf `~child`."""

    split_feature: list[int]
    threshold: list[float]
    decision_type: list[int]
    left_child: list[int]
    right_child: list[int]
    leaf_value: list[float]
    cat_boundaries: list[int]
    cat_threshold: list[int]

    def categories(self, split: int) -> list[int]:
        """The category codes that go left at a categorical split, ascending; all others and missing go right."""
        index = int(self.threshold[split])
        words = self.cat_threshold[self.cat_boundaries[index] : self.cat_boundaries[index + 1]]
        return [32 * w + bit for w, word in enumerate(words) for bit in range(32) if word >> bit & 1]


def float32_floor(value: float) -> float:
    """The largest finite-or-minus-infinite float32 that is <= value: `x <= value` stays the same for every float32 x."""
    with np.errstate(over="ignore"):
        rounded = np.float32(value)
    if float(rounded) > value:
        rounded = np.nextafter(rounded, np.float32(-np.inf))
    return float(rounded)


def exact_threshold(value: float) -> float:
    """`float32_floor`, moved out of the zero band, so that a plain comparison treats the band's values as LightGBM does: as 0."""
    if -ZERO_BAND <= value < 0.0:
        return _BELOW_ZERO_BAND
    return ZERO_BAND if 0.0 <= value <= ZERO_BAND else float32_floor(value)


def exact_in_float32(text: str) -> str:
    """The model text with every numeric threshold rounded down to float32, and missing values that counted as 0 made explicit."""
    head, blocks, tail = _split(text)
    blocks = [_exact_tree(block) for block in blocks]
    sizes = " ".join(str(len(block.encode())) for block in blocks)
    return re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", head, count=1, flags=re.M) + "".join(blocks) + tail


def trees_of(text: str) -> list[Tree]:
    """The trees, in order."""
    return [_parse(block) for block in _split(text)[1]]


def sigmoid_of(text: str) -> float:
    """The factor of the binary objective's sigmoid: probability = 1 / (1 + exp(-factor * sum of leaves))."""
    found = re.search(r"^objective=binary sigmoid:(\S+)", text, flags=re.M)
    if found is None:
        raise ValueError("the model text is not of LightGBM's binary objective")
    return float(found.group(1))


def _split(text: str) -> tuple[str, list[str], str]:
    start = text.index("\nTree=") + 1
    end = text.index("\nend of trees") + 1
    return text[:start], re.split(r"^(?=Tree=)", text[start:end], flags=re.M)[1:], text[end:]


def _exact_tree(block: str) -> str:
    tree = _parse(block)
    if not tree.split_feature:
        return block
    thresholds, decisions = [], []
    for value, decision in zip(tree.threshold, tree.decision_type):
        if not decision & CATEGORICAL:
            if decision & _MISSING_MASK == MISSING_ZERO:
                raise ValueError("zero_as_missing is not supported")
            value = exact_threshold(value)
            if decision & _MISSING_MASK == MISSING_NONE:
                decision = MISSING_NAN | (DEFAULT_LEFT if 0.0 <= value else 0)
        thresholds.append(repr(int(value)) if decision & CATEGORICAL else repr(value))
        decisions.append(str(decision))
    block = re.sub(r"^threshold=.*$", "threshold=" + " ".join(thresholds), block, flags=re.M)
    return re.sub(r"^decision_type=.*$", "decision_type=" + " ".join(decisions), block, flags=re.M)


def _parse(block: str) -> Tree:
    fields = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)

    def numbers(name: str, kind: type) -> list:
        return [kind(part) for part in fields.get(name, "").split()]

    return Tree(
        split_feature=numbers("split_feature", int),
        threshold=numbers("threshold", float),
        decision_type=numbers("decision_type", int),
        left_child=numbers("left_child", int),
        right_child=numbers("right_child", int),
        leaf_value=numbers("leaf_value", float),
        cat_boundaries=numbers("cat_boundaries", int),
        cat_threshold=numbers("cat_threshold", int),
    )
