"""XGBoost's trees in ONNX are XGBoost's trees, on every kind of row; and what an author gets wrong is said before any training."""

import unittest

import numpy as np
from onnx import load_from_string
from onnx.reference import ReferenceEvaluator

from understudy_trainer.failures import TrainerFailure, TrainingCancelled
from understudy_trainer.obtain import obtain

from tests.example import COLUMNS, asked, awkward_rows, on_thresholds, rows


class Xgboost(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        obtain("xgboost", print)
        from understudy_trainer.trainers import xgboost

        cls.trainer = xgboost

    def assert_same(self, fitted, sample):
        _, probabilities = ReferenceEvaluator(load_from_string(fitted.to_onnx())).run(None, {"features": sample})
        np.testing.assert_allclose(probabilities[:, 1], fitted.predict(sample), atol=1e-5)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)

    def test_the_onnx_graph_predicts_what_the_model_predicts(self):
        weights = np.random.default_rng(5).random(1500)
        for name, params, changes in [
            ("default", {"n_estimators": 10}, {}),
            ("one-hot categories", {"n_estimators": 10, "max_cat_to_onehot": 200}, {}),
            ("many leaves", {"n_estimators": 5, "grow_policy": "lossguide", "max_leaves": 31, "num_parallel_tree": 2}, {}),
            ("weights and constraints", {"n_estimators": 10}, {"weights": weights, "monotone": [1, 0, -1, 0]}),
            ("no split", {"n_estimators": 1, "gamma": 1e9}, {}),
        ]:
            with self.subTest(name):
                fitted = self.trainer.fit(asked(params, **changes))
                self.assert_same(fitted, awkward_rows())
                if fitted.thresholds:
                    self.assert_same(fitted, on_thresholds(fitted.thresholds))

    def test_it_stops_early_on_the_last_days_and_keeps_the_best_trees(self):
        fitted = self.trainer.fit(asked({"n_estimators": 300, "eta": 0.5}, early_stopping_days=5, early_stopping_rounds=5))
        losses = [point["valid"] for point in fitted.curve]
        self.assertEqual(fitted.iterations, int(np.argmin(losses)) + 1)
        self.assertEqual(len(losses), fitted.iterations + 5)
        self.assertEqual(set(fitted.importance), {column["name"] for column in COLUMNS})

    def test_weights_of_rows_are_the_librarys(self):
        import xgboost as xgb

        weights = np.random.default_rng(5).random(1500)
        given = asked({"n_estimators": 8}, weights=weights)
        kinds = ["c" if column["kind"] == "category" else "q" for column in COLUMNS]
        training = xgb.DMatrix(given.features, given.labels, weight=weights, feature_types=kinds, enable_categorical=True)
        booster = xgb.train({"objective": "binary:logistic", "tree_method": "hist", "seed": 1, "nthread": 1}, training, 8)
        sample = awkward_rows()
        expected = booster.predict(xgb.DMatrix(sample, feature_types=kinds, enable_categorical=True))
        np.testing.assert_array_equal(self.trainer.fit(given).predict(sample), expected.astype(np.float64))

    def test_a_constraint_holds(self):
        fitted = self.trainer.fit(asked({"n_estimators": 10}, monotone=[-1, 0, 0, 0]))
        sample = np.repeat(rows(1, 4), 50, axis=0)
        sample[:, 0] = np.linspace(-3, 3, 50)
        self.assertLessEqual(np.diff(fitted.predict(sample)).max(), 0)

    def test_the_same_training_gives_the_same_bytes(self):
        first, second = (self.trainer.fit(asked({"n_estimators": 5, "subsample": 0.5})) for _ in range(2))
        self.assertEqual((first.native, first.to_onnx()), (second.native, second.to_onnx()))

    def test_it_names_the_mistake_of_the_author(self):
        for params, sentence in [
            ({"max_dept": 3}, r'params.max_dept is no parameter of XGBoost\. Did you mean "max_depth"'),
            ({"objective": "reg:squarederror"}, "params.objective may not be set"),
            ({"max_depth": "many"}, "XGBoost refused the training: .*max_depth"),
            ({"subsample": 7}, "exceed bound"),
            ({"n_estimators": 0}, "allowed is a whole number from 1"),
            ({"booster": "dart"}, "allowed is gbtree"),
            ({"learning_rate": 0.1, "eta": 0.1}, "given twice"),
        ]:
            with self.subTest(params), self.assertRaisesRegex(TrainerFailure, sentence):
                self.trainer.check(asked(params))

    def test_it_stops_at_the_next_iteration_when_cancelled(self):
        with self.assertRaises(TrainingCancelled):
            self.trainer.fit(asked(cancelled=lambda: True))


if __name__ == "__main__":
    unittest.main()
