"""A whole training against a real directory store, and every mistake that an author can make."""

import io
import json
import tempfile
import unittest

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from understudy_trainer.artifacts import FileArtifacts
from understudy_trainer.failures import TrainerFailure, TrainingCancelled, as_application_error
from understudy_trainer.train import train

COLUMNS = [{"kind": "number", "name": "x"}, {"kind": "category", "name": "c", "categories": ["a", "b", "z"]}]


class Training(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.artifacts = FileArtifacts(f"file://{self.folder.name}")

    def request(self, params=None, labels=None, **changes):
        random = np.random.default_rng(0)
        x = random.normal(size=3000).astype(np.float32)
        table = pa.table(
            {
                "__key": [str(i) for i in range(3000)],
                "__day": pa.array(np.arange(3000) // 100, pa.int32()),
                "__label": pa.array((x + random.normal(size=3000) > 0) if labels is None else labels).cast(pa.float32()),
                "x": pa.array(np.where(random.random(3000) < 0.1, np.nan, x), pa.float32(), from_pandas=True),
                "c": pa.array(random.integers(0, 3, 3000), pa.float32()),
            }
        )
        sink = io.BytesIO()
        pq.write_table(table, sink)
        return {
            "model": "m",
            "contender": "gbm",
            "trainer": "lightgbm",
            "params": params or {},
            "seed": 3,
            "threads": 1,
            "matrix": self.artifacts.put(sink.getvalue(), "application/vnd.apache.parquet", 3000),
            "signature": self.artifacts.put(json.dumps({"columns": COLUMNS}).encode(), "application/json"),
            "earlyStoppingDays": 5,
            "earlyStoppingRounds": 5,
            **changes,
        }

    def run_train(self, request, progress=lambda *_: None, cancelled=lambda: False):
        return train(request, self.artifacts, 2, progress, cancelled)

    def assert_fails(self, code, sentence, request):
        with self.assertRaises(TrainerFailure) as raised:
            self.run_train(request)
        self.assertEqual(raised.exception.code, code)
        self.assertRegex(str(raised.exception), sentence)

    def test_it_stops_early_on_the_last_days_and_tells_how(self):
        told = []
        result = self.run_train(self.request({"n_estimators": 200}), lambda *step: told.append(step))
        report = json.loads(self.artifacts.read(result["report"]))
        self.assertLess(result["iterations"], 200)
        self.assertEqual(report["earlyStopping"], {"days": 5, "rounds": 5, "rows": 500})
        self.assertEqual(len(report["curve"]), result["iterations"] + 5)
        self.assertEqual(set(report["importance"]), {"x", "c"})
        self.assertGreater(len(told), result["iterations"])
        self.assertEqual(result["rows"], 3000)
        sample = pq.read_table(io.BytesIO(self.artifacts.read(result["parity"])))
        self.assertEqual(sample.column_names, ["x", "c", "__native"])
        self.assertGreaterEqual(sample.num_rows, 1000)

    def test_the_same_request_gives_the_same_model_whatever_the_threads(self):
        first = self.run_train(self.request())
        second = self.run_train(self.request(threads=2))
        for name in ("onnx", "native", "parity"):
            self.assertEqual(first[name], second[name])

    def test_without_early_stopping_it_trains_on_all_rows(self):
        self.assertEqual(self.run_train(self.request({"num_iterations": 12}, earlyStoppingDays=0))["iterations"], 12)

    def test_it_names_the_mistake_of_the_author(self):
        for params, sentence in [
            ({"num_leafs": 3}, r'params.num_leafs is no parameter of LightGBM\. Did you mean "num_leaf"'),
            ({"objective": "regression"}, "params.objective may not be set"),
            ({"nthread": 3}, "params.nthread may not be set"),
            ({"num_leaves": "many"}, "LightGBM refused"),
            ({"num_leaves": 1}, "LightGBM refused"),
            ({"n_estimators": 0}, "allowed is a whole number from 1"),
            ({"boosting": "rf"}, "allowed are gbdt, dart, goss"),
            ({"learning_rate": 0.1, "eta": 0.1}, "given twice"),
        ]:
            with self.subTest(params):
                self.assert_fails("TRAINING_FAILED", sentence, self.request(params))

    def test_it_refuses_rows_of_one_class_and_early_stopping_that_leaves_none(self):
        self.assert_fails("TRAINING_FAILED", "both classes", self.request(labels=np.zeros(3000)))
        self.assert_fails("TRAINING_FAILED", "earlyStopping.days is 40, but the training rows are of ", self.request(earlyStoppingDays=40))
        self.assert_fails("TRAINING_FAILED", "neither 0 nor 1", self.request(labels=np.full(3000, 2.0)))
        self.assert_fails("TRAINING_FAILED", "allowed is lightgbm", self.request(trainer="logistic"))

    def test_it_stops_at_the_next_iteration_when_cancelled(self):
        with self.assertRaises(TrainingCancelled):
            self.run_train(self.request(), cancelled=lambda: True)

    def test_it_says_what_is_wrong_with_an_artifact(self):
        request = self.request()
        sha256 = request["matrix"]["sha256"]
        path = self.artifacts.root / sha256[:2] / sha256
        path.write_bytes(b"other")
        self.assert_fails("ARTIFACT_CORRUPT", sha256, request)
        path.unlink()
        self.assert_fails("ARTIFACT_MISSING", sha256, request)

    def test_failures_become_codes_that_say_whether_a_retry_helps(self):
        for error, code, final in [
            (MemoryError(), "TRAINER_CRASHED", False),
            (OSError(28, "No space left on device", "/store"), "STORE_FULL", False),
            (TrainerFailure("TRAINING_FAILED", "no"), "TRAINING_FAILED", True),
            (KeyError("x"), "INTERNAL", False),
        ]:
            told = as_application_error(error)
            self.assertEqual((told.type, told.non_retryable), (code, final))
            self.assertNotIn("Traceback", told.message)


if __name__ == "__main__":
    unittest.main()
