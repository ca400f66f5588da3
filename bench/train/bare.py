"""The yardstick of `train`: the fit of a training matrix as a plain script does it, in a process of its own.

Usage: `python bare.py spec.json`, with the matrix, its columns, LightGBM's parameters, the number of iterations that the product grew before it stopped,
its early-stopping days, and where the model's text goes. No conversion, no parity, no report, no store.
"""

import json
import sys

import lightgbm as lgb
import numpy as np
import pyarrow.parquet as pq

with open(sys.argv[1]) as file:
    spec = json.load(file)
table = pq.read_table(spec["matrix"])
features = np.column_stack([table.column(name).to_numpy() for name in spec["columns"]])
labels = table.column("__label").to_numpy()
days = table.column("__day").to_numpy()
late = days > days.max() - spec["earlyStoppingDays"]
categories = [spec["columns"].index(name) for name in spec["categories"]]
params = {name: value for name, value in spec["params"].items() if name != "num_iterations"}
training = lgb.Dataset(features[~late], labels[~late], categorical_feature=categories)
valid = lgb.Dataset(features[late], labels[late], reference=training)
model = lgb.train(params, training, spec["iterations"], valid_sets=[valid])
model.save_model(spec["model"])
print(json.dumps({"iterations": model.current_iteration()}))
