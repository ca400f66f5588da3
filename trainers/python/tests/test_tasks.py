"""Several classes and values: every trainer's graph predicts what its model predicts, on every kind of row, with the tensors of the task."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
from onnx import load_from_string
from onnx.reference import ReferenceEvaluator

from understudy_trainer.failures import TrainerFailure
from understudy_trainer.matrix import write_parity
from understudy_trainer.obtain import obtain
from understudy_trainer.tasks import differences, label_problem, predictions_of
from understudy_trainer.trainers import function, lightgbm
from understudy_trainer.trainers.contract import require_labels
from understudy_trainer.tuning.metrics import score
from understudy_trainer.weights import row_weights

from tests.example import CATEGORIES, COLUMNS, asked, awkward_rows, on_thresholds, rows

CLASSES = ("low", "middle", "high")
SHAPES = {
    "multiclass": {"features": ["batch", 4], "label": ["batch"], "probabilities": ["batch", 3]},
    "regression": {"features": ["batch", 4], "value": ["batch", 1]},
}


def of_task(task, params=None, **changes):
    features = rows(1500, 1)
    effect = np.random.default_rng(7).normal(size=CATEGORIES + 1)
    found = features[:, 0] + 0.3 * features[:, 2] + effect[np.nan_to_num(features[:, 3], nan=CATEGORIES).astype(int)]
    found = found + np.random.default_rng(2).normal(size=1500)
    labels = np.digitize(found, [-1.0, 1.0]).astype(float) if task == "multiclass" else (200 + 10 * found).astype(np.float32)
    target = {"task": task, "labels": labels.astype(float), "classes": CLASSES if task == "multiclass" else ()}
    return asked(params, **{**target, **changes})


class Tasks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        obtain("xgboost", print)
        obtain("sklearn", print)
        from understudy_trainer.trainers import sklearn, xgboost

        cls.trainers = {"lightgbm": lightgbm, "xgboost": xgboost, "sklearn": sklearn}

    def assert_same(self, task, fitted, sample):
        outputs = ReferenceEvaluator(load_from_string(fitted.to_onnx())).run(None, {"features": sample})
        expected = fitted.predict(sample)
        self.assertLessEqual(differences(task, predictions_of(task, outputs), expected), 1e-5)
        if task == "multiclass":
            self.assertEqual(expected.shape, (len(sample), 3))
            np.testing.assert_allclose(expected.sum(axis=1), 1, atol=1e-5)
            np.testing.assert_array_equal(outputs[0], outputs[1].argmax(axis=1))

    def test_the_onnx_graph_predicts_what_the_model_predicts(self):
        weights = np.random.default_rng(5).random(1500)
        for task in SHAPES:
            for name, trainer, params, changes in [
                ("trees", "lightgbm", {"n_estimators": 10}, {"weights": weights}),
                ("dropped trees", "lightgbm", {"n_estimators": 6, "boosting": "dart"}, {}),
                ("no split", "lightgbm", {"n_estimators": 2, "min_data_in_leaf": 5000}, {}),
                ("early stopping", "lightgbm", {"n_estimators": 60}, {"early_stopping_days": 5}),
                ("xgboost", "xgboost", {"n_estimators": 10}, {"weights": weights}),
                ("parallel", "xgboost", {"n_estimators": 4, "num_parallel_tree": 2}, {}),
                ("xgboost, early stopping", "xgboost", {"n_estimators": 60}, {"early_stopping_days": 5}),
                ("linear", "sklearn", {}, {"estimator": "logistic" if task == "multiclass" else "linear"}),
                ("forest", "sklearn", {"n_estimators": 4}, {"estimator": "random-forest"}),
                ("boosting", "sklearn", {"n_estimators": 5}, {"estimator": "gradient-boosting"}),
            ]:
                with self.subTest(task=task, what=name):
                    given = of_task(task, params, **changes)
                    self.trainers[trainer].check(given)
                    fitted = self.trainers[trainer].fit(given)
                    self.assert_same(task, fitted, awkward_rows())
                    if fitted.thresholds:
                        self.assert_same(task, fitted, on_thresholds(fitted.thresholds, 100))
                    graph = load_from_string(fitted.to_onnx()).graph
                    shapes = {
                        value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
                        for value in [*graph.input, *graph.output]
                    }
                    self.assertEqual(shapes, SHAPES[task])
                    self.assertEqual(set(fitted.importance), {column["name"] for column in COLUMNS})
                    self.assertEqual(self.trainers[trainer].fit(given).to_onnx(), fitted.to_onnx())

    def test_trees_learn_and_say_by_which_loss(self):
        for task, loss in [("multiclass", "log loss"), ("regression", "RMSE")]:
            for name in ("lightgbm", "xgboost"):
                with self.subTest(task=task, trainer=name):
                    told = []
                    fitted = self.trainers[name].fit(
                        of_task(task, {"n_estimators": 20}, early_stopping_days=5, progress=lambda *each: told.append(each[2]))
                    )
                    self.assertLess(min(point["valid"] for point in fitted.curve), 0.9 * fitted.curve[0]["valid"])
                    self.assertRegex(told[-1], f"{loss} [0-9.]+ on the early-stopping days")

    def test_contributions_of_a_value_add_up_to_it(self):
        for name in ("lightgbm", "xgboost"):
            fitted = self.trainers[name].fit(of_task("regression", {"n_estimators": 5}))
            sample = awkward_rows()
            np.testing.assert_allclose(fitted.contributions(sample).sum(axis=1), fitted.predict(sample), rtol=1e-5)

    def test_an_own_function_gives_an_estimator_or_a_model_of_the_task(self):
        text = (
            "import numpy as np\n"
            "from sklearn.linear_model import LogisticRegression, Ridge\n\n"
            "def train(training):\n"
            "    rows = np.nan_to_num(training.features)\n"
            "    if training.task == 'regression':\n"
            "        return Ridge().fit(rows, training.labels)\n"
            "    assert list(training.classes) == ['low', 'middle', 'high']\n"
            "    return LogisticRegression(max_iter=2000).fit(rows, training.labels.astype(int))\n\n"
            "def wrong(training):\n"
            "    return LogisticRegression(max_iter=50).fit(np.nan_to_num(training.features), training.labels > 1)\n"
        )
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "mine.py").write_text(text)
            for task in SHAPES:
                with self.subTest(task):
                    fitted = function.fit(of_task(task, function="mine:train", folder=folder))
                    self.assert_same(task, fitted, np.nan_to_num(awkward_rows()))
            with self.assertRaisesRegex(TrainerFailure, r"array of shape \[5, 2\]; allowed is \[5, 3\]"):
                function.fit(of_task("multiclass", function="mine:wrong", folder=folder)).predict(np.zeros((5, 4), np.float32))

    def test_labels_that_nothing_can_be_learned_from_are_refused(self):
        with self.assertRaisesRegex(TrainerFailure, 'none of them of "high"; all classes are needed'):
            require_labels(of_task("multiclass", labels=np.arange(1500) % 2.0))
        with self.assertRaisesRegex(TrainerFailure, "all with the same label"):
            require_labels(of_task("regression", labels=np.full(1500, 7.0)))
        self.assertIn("not one of 0 to 2", label_problem("multiclass", 3, np.array([0.0, 3.0])))
        self.assertIn("no finite number", label_problem("regression", 0, np.array([np.nan])))
        self.assertIsNone(label_problem("multiclass", 3, np.array([0.0, 2.0])))

    def test_estimators_of_another_task_are_refused(self):
        for task, estimator, sentence in [
            ("regression", "logistic", "cannot be imported .*; allowed are linear, random-forest, gradient-boosting"),
            ("regression", "sklearn.naive_bayes.GaussianNB", "predicts no values"),
            ("multiclass", "sklearn.linear_model.Ridge", "gives no probabilities of classes"),
        ]:
            with self.subTest(estimator), self.assertRaisesRegex(TrainerFailure, sentence):
                self.trainers["sklearn"].check(of_task(task, estimator=estimator))

    def test_weights_of_several_classes(self):
        labels = np.array([0.0, 0.0, 1.0, 2.0])
        every = np.ones(4, bool)
        found = row_weights({"classes": "balanced"}, np.zeros((4, 1)), labels, frozenset(), every, CLASSES)
        np.testing.assert_allclose(found, [4 / 6, 4 / 6, 4 / 3, 4 / 3])
        named = {"classes": {"high": 3, "low": 1, "middle": 2}}
        np.testing.assert_array_equal(row_weights(named, np.zeros((4, 1)), labels, frozenset(), every, CLASSES), [1, 1, 2, 3])

    def test_metrics_equal_scikit_learn(self):
        from sklearn import metrics

        random = np.random.default_rng(3)
        probabilities = random.dirichlet([1, 2, 3], 300)
        labels = random.integers(0, 3, 300).astype(float)
        self.assertAlmostEqual(score("log_loss", labels, probabilities), metrics.log_loss(labels, probabilities), 12)
        self.assertAlmostEqual(score("accuracy", labels, probabilities), metrics.accuracy_score(labels, probabilities.argmax(axis=1)), 12)
        values = random.normal(size=300)
        self.assertAlmostEqual(score("rmse", labels, values), metrics.root_mean_squared_error(labels, values), 12)
        self.assertAlmostEqual(score("mae", labels, values), metrics.mean_absolute_error(labels, values), 12)

    def test_the_parity_sample_has_a_column_for_each_class(self):
        import pyarrow as pa
        import pyarrow.parquet as pq

        content = write_parity(rows(7, 1), COLUMNS, lambda given: np.tile([0.2, 0.3, 0.5], (len(given), 1)))
        table = pq.read_table(pa.BufferReader(content))
        self.assertEqual(table.column_names[-3:], ["__native_0", "__native_1", "__native_2"])
        self.assertEqual(table.column("__native_2").to_pylist(), [0.5] * 7)


if __name__ == "__main__":
    unittest.main()
