"""The yardstick of `statistics`: Evidently's data-drift report of two Parquet files, timed without imports and reading.

Usage: `python evidently_drift.py reference.parquet current.parquet repeats`; prints JSON: seconds of processor time of the fastest run with the tests
that our report judges by, of the fastest with all measures that our report gives, and the version.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift
from evidently.presets import DataDriftPreset

warnings.simplefilter("ignore")
reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
categories = [name for name in reference if name.startswith("c")]
numbers = [name for name in reference if not name.startswith("c")]
definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
judged = DataDriftPreset(num_method="ks", cat_method="chisquare")
others = [
    *(ValueDrift(column=name, method=method) for name in numbers for method in ("psi", "jensenshannon", "wasserstein")),
    *(ValueDrift(column=name, method=method) for name in categories for method in ("psi", "jensenshannon")),
]


def fastest(metrics: list) -> float:
    seconds = []
    for _ in range(int(sys.argv[3])):
        started = time.process_time()
        now, before = (Dataset.from_pandas(table, data_definition=definition) for table in (current, reference))
        result = Report(metrics).run(now, before).dict()
        seconds.append(time.process_time() - started)
        assert len(result["metrics"]) >= len(numbers) + len(categories)
    return min(seconds)


print(json.dumps({"judged": fastest([judged]), "all": fastest([judged, *others]), "version": version("evidently")}))
