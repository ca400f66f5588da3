"""Makes small models of three classes and of values, and the contributions that LightGBM and XGBoost themselves give.

Run with LightGBM 4.7 and XGBoost 3.2: python make-expected-tasks.py
"""

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import xgboost as xgb

HERE = Path(__file__).parent
CATEGORIES = 12
CLASSES = 3
ROUNDS = 5


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
score = score + np.random.default_rng(2).normal(size=len(features))
labels = {"multiclass": np.digitize(score, [-1.0, 1.0]).astype(float), "regression": (200 + 10 * score).astype(np.float32)}
sample = rows(12, 5)
sample[0, 3], sample[1, 3], sample[2] = 5000, -1, np.nan

names, kinds = [f"f{i}" for i in range(4)], ["q", "q", "q", "c"]
matrix = lambda data, label=None: xgb.DMatrix(  # noqa: E731
    data, label, feature_names=names, feature_types=kinds, enable_categorical=True, nthread=1
)
expected = {
    "versions": {"lightgbm": lgb.__version__, "xgboost": xgb.__version__, "numpy": np.__version__},
    "classes": CLASSES,
    "rows": [[None if np.isnan(value) else float(value) for value in row] for row in sample],
}
for task, light_objective, boosted_objective in [
    ("multiclass", {"objective": "multiclass", "num_class": CLASSES}, {"objective": "multi:softprob", "num_class": CLASSES}),
    ("regression", {"objective": "regression"}, {"objective": "reg:squarederror"}),
]:
    params = {**light_objective, "num_leaves": 7, "verbosity": -1, "seed": 1, "num_threads": 1, "deterministic": True}
    light = lgb.train(params, lgb.Dataset(features, labels[task], categorical_feature=[3], params=params), ROUNDS)
    text = light.model_to_string().split("\npandas_categorical")[0].split("\nparameters:")[0] + "\n"
    (HERE / f"lightgbm-{task}.txt").write_text(text)
    boosted = xgb.train(
        {**boosted_objective, "max_depth": 3, "tree_method": "hist", "seed": 1, "nthread": 1}, matrix(features, labels[task]), ROUNDS
    )
    (HERE / f"xgboost-{task}.json").write_bytes(boosted.save_raw("json"))
    # Row by row, for each value of a prediction: contributions of the columns, then the base.
    values = CLASSES if task == "multiclass" else 1
    in_values = lambda found: found.astype(float).reshape(len(sample), values, 5).tolist()  # noqa: E731
    expected[task] = {
        "lightgbm": in_values(light.predict(sample, pred_contrib=True)),
        "xgboost": in_values(boosted.predict(matrix(sample), pred_contribs=True)),
        "predictions": {
            "lightgbm": light.predict(sample).reshape(len(sample), values).tolist(),
            "xgboost": boosted.predict(matrix(sample)).astype(float).reshape(len(sample), values).tolist(),
        },
    }
(HERE / "expected-tasks.json").write_text(json.dumps(expected) + "\n")
