"""The same request in another process, with another hash seed, gives the same bytes: for every trainer, model, graph, sample and lock."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
EXAMPLE = FOLDER.parents[1] / "docs" / "examples" / "own-trainer"
#: Trainer and what it is asked beside the rows.
CASES = {
    "lightgbm": {
        "trainer": "lightgbm",
        "params": {"num_iterations": 60, "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1},
        "earlyStoppingDays": 5,
        "earlyStoppingRounds": 50,
    },
    "xgboost": {"trainer": "xgboost", "params": {"num_boost_round": 60, "subsample": 0.8, "colsample_bynode": 0.5}},
    "forest": {"trainer": "sklearn", "estimator": "random-forest", "params": {"n_estimators": 40, "min_samples_leaf": 20}},
    "boosting": {"trainer": "sklearn", "estimator": "gradient-boosting", "params": {"n_estimators": 10, "subsample": 0.7}},
    "linear": {"trainer": "sklearn", "estimator": "logistic"},
    "sgd": {"trainer": "sklearn", "estimator": "sklearn.linear_model.SGDClassifier", "params": {"loss": "log_loss"}},
    "bayes": {"trainer": "function", "function": "trainer:train", "model": str(EXAMPLE)},
    "long": {"trainer": "function", "function": "long_trainer:train", "model": str(EXAMPLE)},
    "rates": {"trainer": "function", "function": "trainer:train_rates", "params": {"column": "c"}, "model": str(EXAMPLE)},
}
PROGRAM = """
import json, sys
from tests.test_training import Training
from tests.test_reproducible import CASES
from understudy_trainer.train import train

asking = Training()
asking.setUp()
found = {}
for name, changes in CASES.items():
    changes = {"earlyStoppingDays": 0, **changes}
    result = train(asking.request(**changes), asking.artifacts, 2, lambda *_: None, lambda: False)
    found[name] = {what: result[what]["sha256"] for what in ("native", "onnx", "parity", "environment")}
asking.doCleanups()
json.dump(found, sys.stdout)
"""


class Reproducible(unittest.TestCase):
    def found(self, hash_seed):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM], cwd=FOLDER, env={**environment, "TMPDIR": scratch}, capture_output=True, text=True
            )
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return json.loads(done.stdout)

    def test_every_trainer_gives_the_same_bytes_in_another_process(self):
        first, second = self.found("1"), self.found("2")
        self.assertEqual(set(first), set(CASES))
        for name in CASES:
            with self.subTest(name):
                self.assertEqual(first[name], second[name])


if __name__ == "__main__":
    unittest.main()
