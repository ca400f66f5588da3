"""XGBoost's model in JSON: reads its trees in the form that the ONNX writer takes.

Invariant: for every float32 row, missing and unseen values included, the read trees take the same branches. Two differences are
turned: XGBoost goes left when a value is below the threshold (here: not above the float32 next below it), and left when a code is
not in a categorical split's set (here: the set goes left, so the children change places).
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from .model_text import CATEGORICAL, DEFAULT_LEFT, MISSING_IN_SET, Tree

WORD = 32


def trees_of(content: bytes) -> list[Tree]:
    """The trees, in order."""
    return [_tree(tree) for tree in json.loads(content)["learner"]["gradient_booster"]["model"]["trees"]]


def start_of(content: bytes, task: str = "binary") -> list[float]:
    """
    What is added to the sum of leaves, before the sigmoid of a `binary` model, which XGBoost keeps as a probability: one number, or one for
    each class.
    """
    text = json.loads(content)["learner"]["learner_model_param"]["base_score"]
    values = [float(np.float32(part)) for part in str(text).strip("[]").split(",")]
    return [math.log(share / (1.0 - share)) for share in values] if task == "binary" else values


def targets_of(content: bytes) -> list[int]:
    """Which class each tree adds to, in the order of the trees."""
    return json.loads(content)["learner"]["gradient_booster"]["model"]["tree_info"]


def just_below(value: float) -> float:
    """The largest float32 below a float32: `x < value` is `x <= just_below(value)` for every float32 x."""
    return float(np.nextafter(np.float32(value), np.float32(-np.inf)))


def _tree(found: dict[str, Any]) -> Tree:
    left, right = found["left_children"], found["right_children"]
    # Splits and leaves are counted apart, as LightGBM does; a leaf is where there is no child.
    numbers: dict[int, int] = {}
    leaves: list[float] = []
    splits: list[int] = []
    for node in _reachable(left, right):
        if left[node] < 0:
            numbers[node] = ~len(leaves)
            leaves.append(float(np.float32(found["split_conditions"][node])))
        else:
            numbers[node] = len(splits)
            splits.append(node)
    sets = dict(zip(found["categories_nodes"], zip(found["categories_segments"], found["categories_sizes"])))
    tree = Tree([], [], [], [], [], leaves, [0], [])
    for node in splits:
        default_left = bool(found["default_left"][node])
        tree.split_feature.append(found["split_indices"][node])
        if found["split_type"][node] == 1:
            begin, size = sets[node]
            tree.threshold.append(float(len(tree.cat_boundaries) - 1))
            tree.cat_threshold.extend(_bits(found["categories"][begin : begin + size]))
            tree.cat_boundaries.append(len(tree.cat_threshold))
            tree.decision_type.append(CATEGORICAL | (0 if default_left else MISSING_IN_SET))
            tree.left_child.append(numbers[right[node]])
            tree.right_child.append(numbers[left[node]])
        else:
            tree.threshold.append(just_below(found["split_conditions"][node]))
            tree.decision_type.append(DEFAULT_LEFT if default_left else 0)
            tree.left_child.append(numbers[left[node]])
            tree.right_child.append(numbers[right[node]])
    return tree


def _reachable(left: list[int], right: list[int]) -> list[int]:
    """The nodes under the root, parents first: pruned ones stay in the arrays."""
    found, open_nodes = [], [0]
    while open_nodes:
        node = open_nodes.pop()
        found.append(node)
        if left[node] >= 0:
            open_nodes += [right[node], left[node]]
    return found


def _bits(codes: list[int]) -> list[int]:
    words = [0] * (max(codes, default=0) // WORD + 1)
    for code in codes:
        words[code // WORD] |= 1 << code % WORD
    return words
