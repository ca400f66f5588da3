"""Rows, columns and inputs that the tests of the trainers share."""

import numpy as np

from understudy_trainer.trainers.contract import TrainingInput

CATEGORIES = 80
COLUMNS = [
    {"kind": "number", "name": "x"},
    {"kind": "number", "name": "holes"},
    {"kind": "number", "name": "steps"},
    {"kind": "category", "name": "c", "categories": [f"c{i}" for i in range(CATEGORIES)]},
]


def rows(count, seed):
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 4)).astype(np.float32)
    features[random.random(count) < 0.2, 1] = np.nan
    features[:, 2] = random.integers(-3, 4, count)
    features[:, 3] = random.integers(0, CATEGORIES, count)
    features[random.random(count) < 0.1, 3] = np.nan
    return features


def awkward_rows(seed=3):
    """Random rows, holes at random, unseen and impossible codes, and all missing."""
    base = rows(200, seed)
    holes = base.copy()
    holes[np.random.default_rng(seed + 1).random(holes.shape) < 0.4] = np.nan
    odd = rows(4, seed + 2)
    odd[:, 3] = [CATEGORIES, 5000, -1, np.nan]
    return np.concatenate([base, holes, odd, np.full((1, 4), np.nan, np.float32)])


def on_thresholds(thresholds, most=200):
    picked = [thresholds[i] for i in np.random.default_rng(9).choice(len(thresholds), min(most, len(thresholds)), replace=False)]
    found = rows(len(picked), 11)
    for row, (column, value) in enumerate(picked):
        found[row, column] = value
    return found


def asked(params=None, count=1500, **changes):
    features = rows(count, 1)
    effect = np.random.default_rng(7).normal(size=CATEGORIES + 1)
    score = features[:, 0] + 0.3 * features[:, 2] + effect[np.nan_to_num(features[:, 3], nan=CATEGORIES).astype(int)]
    labels = (score + np.random.default_rng(2).normal(size=count) > 0).astype(float)
    given = {
        "task": "binary",
        "features": features,
        "labels": labels,
        "days": (np.arange(count) * 30 // count).astype(np.int32),
        "weights": None,
        "columns": COLUMNS,
        "params": params or {},
        "seed": 1,
        "threads": 1,
        "early_stopping_days": 0,
        "early_stopping_rounds": 10,
        "monotone": [0] * 4,
        "hidden": frozenset(),
        "progress": lambda *_: None,
        "cancelled": lambda: False,
    }
    return TrainingInput(**{**given, **changes})
