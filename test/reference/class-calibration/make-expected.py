"""Calibration of several classes: each against the rest, and of the top label. By scikit-learn's calibration_curve and numpy.

Run with scikit-learn 1.9: python make-expected.py
"""

import csv
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.calibration import calibration_curve

HERE = Path(__file__).parent
with open(HERE.parent / "metrics/inputs/multiclass_basic.csv") as file:
    rows = list(csv.DictReader(file))
labels = np.array([int(row["y"]) for row in rows])
probabilities = np.array([[float(row[f"p{k}"]) for k in range(4)] for row in rows])


def reliability(truth, scores):
    shares, means = calibration_curve(truth, scores, n_bins=10)
    bins = np.clip(np.searchsorted(np.linspace(0, 1, 11)[1:-1], scores), 0, 9)
    counts = np.bincount(bins, minlength=10)
    counts = counts[counts > 0]
    return {
        "meanProbability": means.tolist(),
        "positiveShare": shares.tolist(),
        "n": counts.tolist(),
        "ece": float((counts / len(scores) * np.abs(shares - means)).sum()),
    }


expected = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "classes": [reliability((labels == k).astype(int), probabilities[:, k]) for k in range(4)],
    "top_label": reliability((probabilities.argmax(axis=1) == labels).astype(int), probabilities.max(axis=1)),
}
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
