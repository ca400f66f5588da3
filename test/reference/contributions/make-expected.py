"""Makes two small models with categories, missing values and weights, and the contributions that LightGBM and XGBoost themselves give.

Run with LightGBM 4.7 and XGBoost 3.2: python make-expected.py
"""

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import xgboost as xgb

HERE = Path(__file__).parent
CATEGORIES = 40


def rows(count, seed):
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 4)).astype(np.float32)
    features[random.random(count) < 0.2, 1] = np.nan
    features[:, 2] = random.integers(-3, 4, count)
    features[:, 3] = random.integers(0, CATEGORIES, count)
    features[random.random(count) < 0.1, 3] = np.nan
    return features


features = rows(2000, 1)
effect = np.random.default_rng(7).normal(size=CATEGORIES + 1)
score = features[:, 0] + 0.3 * features[:, 2] + effect[np.nan_to_num(features[:, 3], nan=CATEGORIES).astype(int)]
labels = (score + np.random.default_rng(2).normal(size=len(features)) > 0.5).astype(float)
sample = rows(20, 5)
sample[0, 3], sample[1, 3], sample[2] = 5000, -1, np.nan

params = {"objective": "binary", "num_leaves": 15, "verbosity": -1, "seed": 1, "num_threads": 1, "deterministic": True}
light = lgb.train(params, lgb.Dataset(features, labels, categorical_feature=[3], params=params), 12)
(HERE / "lightgbm.txt").write_text(light.model_to_string().split("\npandas_categorical")[0].split("\nparameters:")[0] + "\n")

names, kinds = [f"f{i}" for i in range(4)], ["q", "q", "q", "c"]
matrix = lambda data, label=None: xgb.DMatrix(  # noqa: E731
    data, label, feature_names=names, feature_types=kinds, enable_categorical=True, nthread=1
)
boosted = xgb.train(
    {"objective": "binary:logistic", "max_depth": 4, "tree_method": "hist", "seed": 1, "nthread": 1}, matrix(features, labels), 12
)
(HERE / "xgboost.json").write_bytes(boosted.save_raw("json"))

expected = {
    "versions": {"lightgbm": lgb.__version__, "xgboost": xgb.__version__, "numpy": np.__version__},
    "rows": [[None if np.isnan(value) else float(value) for value in row] for row in sample],
    "lightgbm": light.predict(sample, pred_contrib=True).tolist(),
    "xgboost": boosted.predict(matrix(sample), pred_contribs=True).astype(float).tolist(),
}
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
