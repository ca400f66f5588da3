"""Makes expected.json: what scikit-learn fits on small awkward rows, standardised and one-hot as src/training/design.ts does it."""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression, Ridge

random = np.random.default_rng(11)
ROWS, CATEGORIES = 240, 4
x = random.normal(3, 2, ROWS).astype(np.float32)
holes = random.normal(1000, 30, ROWS).astype(np.float32)
holes[random.random(ROWS) < 0.2] = np.nan
code = random.integers(0, CATEGORIES + 1, ROWS).astype(np.float32)
code[code == CATEGORIES] = np.nan
score = x[:, None] * [0.5, -0.2, 0.0] + np.nan_to_num(code, nan=1.5)[:, None] * [0.0, 0.4, -0.3] + random.gumbel(size=(ROWS, 3))
labels = score.argmax(axis=1)
values = (40 + 3 * x - 0.1 * np.nan_to_num(holes - 1000, nan=5) + 2 * np.nan_to_num(code, nan=-1) + random.normal(size=ROWS)).astype(np.float32)


def standardised(column):
    present = column[~np.isnan(column)].astype(np.float64)
    mean, scale = np.float32(present.mean()), np.float32(present.std())
    return np.nan_to_num(((column.astype(np.float64) - mean) / scale).astype(np.float32).astype(np.float64), nan=0.0)


design = np.column_stack([
    standardised(x), standardised(holes), np.isnan(holes).astype(float), *((code == c).astype(float) for c in range(CATEGORIES))
])
softmax = LogisticRegression(C=1 / 2, tol=1e-12, max_iter=100_000, solver="newton-cg").fit(design, labels)
ridge = Ridge(alpha=2, solver="cholesky").fit(design, values.astype(np.float64))
rows = np.column_stack([x, holes, code]).astype(object)
rows[rows != rows] = None
Path(__file__).with_name("expected.json").write_text(json.dumps({
    "library": f"scikit-learn {sklearn.__version__}",
    "rows": [[None if v is None else float(v) for v in row] for row in rows],
    "classes": labels.tolist(),
    "values": [float(v) for v in values],
    "l2": 2,
    "softmax": {"coefficients": softmax.coef_.tolist(), "probabilities": softmax.predict_proba(design)[:20].tolist(),
                "logLoss": float(-np.log(softmax.predict_proba(design)[np.arange(ROWS), labels]).mean())},
    "ridge": {"coefficients": ridge.coef_.tolist(), "intercept": float(ridge.intercept_), "values": ridge.predict(design)[:20].tolist()},
}))
