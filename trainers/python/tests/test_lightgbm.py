"""What LightGBM's trainer adds to the library: latest days for early stopping, weights and constraints, each as the library itself has it."""

import unittest

import lightgbm as lgb
import numpy as np
from onnx import load_from_string
from onnx.reference import ReferenceEvaluator

from understudy_trainer.trainers import lightgbm as trainer
from understudy_trainer.weights import row_weights

from tests.example import COLUMNS, asked, awkward_rows, rows

FIXED = {"objective": "binary", "metric": "binary_logloss", "seed": 1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1}


def by_the_library(given, chosen, params=None, weights=None, iterations=100, **more):
    training = lgb.Dataset(given.features[chosen], given.labels[chosen], weight=weights, categorical_feature=[3], params=FIXED)
    return lgb.train({**FIXED, **(params or {})}, training, iterations, **more)


class Lightgbm(unittest.TestCase):
    def test_it_stops_early_on_the_latest_days_whatever_the_order_of_the_rows(self):
        given = asked({"n_estimators": 200, "learning_rate": 0.3}, early_stopping_days=5, early_stopping_rounds=7)
        late = given.days >= given.days.max() - 4
        self.assertEqual(sorted(set(given.days[late])), [25, 26, 27, 28, 29])
        fitted = trainer.fit(given)
        valid = lgb.Dataset(given.features[late], given.labels[late], categorical_feature=[3], params=FIXED)
        expected = by_the_library(
            given, ~late, {"learning_rate": 0.3}, iterations=200, valid_sets=[valid], callbacks=[lgb.early_stopping(7, verbose=False)]
        )
        self.assertEqual(fitted.iterations, expected.best_iteration)
        self.assertLess(fitted.iterations, 200)
        np.testing.assert_allclose(fitted.predict(awkward_rows()), expected.predict(awkward_rows()), atol=1e-7)
        # The rows of the latest days are late by their day, not by their place.
        mixed = np.random.default_rng(3).permutation(len(given.days))
        shuffled = asked(given.params, early_stopping_days=5, early_stopping_rounds=7, features=given.features[mixed], labels=given.labels[mixed], days=given.days[mixed])
        np.testing.assert_array_equal(np.sort(mixed[shuffled.late]), np.flatnonzero(late))

    def test_weights_of_rows_are_the_librarys(self):
        weights = np.random.default_rng(5).random(1500)
        given = asked({"n_estimators": 12}, weights=weights)
        expected = by_the_library(given, np.ones(1500, bool), weights=weights, iterations=12)
        found = trainer.fit(given).predict(awkward_rows())
        np.testing.assert_allclose(found, expected.predict(awkward_rows()), atol=1e-9)
        self.assertGreater(np.abs(found - trainer.fit(asked({"n_estimators": 12})).predict(awkward_rows())).max(), 0.01)

    def test_weights_of_classes_are_the_librarys_weight_of_the_positive_class(self):
        # Starting from 0: the library's own class weight does not count in its start.
        params = {"n_estimators": 12, "boost_from_average": False}
        given = asked(params)
        plan = {"classes": {"negative": 1, "positive": 3}}
        weights = row_weights(plan, given.features, given.labels, frozenset(), np.ones(1500, bool))
        weighted = trainer.fit(asked(params, weights=weights))
        expected = by_the_library(given, np.ones(1500, bool), {"boost_from_average": False, "scale_pos_weight": 3}, iterations=12)
        np.testing.assert_allclose(weighted.predict(awkward_rows()), expected.predict(awkward_rows()), atol=1e-9)

    def test_a_constraint_is_never_violated_by_the_onnx_graph(self):
        def steps(monotone):
            fitted = trainer.fit(asked({"n_estimators": 15, "learning_rate": 0.3}, monotone=monotone))
            graph = ReferenceEvaluator(load_from_string(fitted.to_onnx()))
            base = np.concatenate([rows(8, 4), awkward_rows()[-3:]])
            on_thresholds = [value for column, value in fitted.thresholds if column == 0][:60]
            grid = np.unique(np.concatenate([np.linspace(-4, 4, 30), on_thresholds])).astype(np.float32)
            sample = np.repeat(base, len(grid), axis=0)
            sample[:, 0] = np.tile(grid, len(base))
            probabilities = graph.run(None, {"features": sample})[1][:, 1].reshape(len(base), len(grid))
            return np.diff(probabilities.astype(np.float64), axis=1)

        # Sums of float32 leaves may differ in their last digit.
        self.assertEqual(int((steps([1, 0, 0, 0]) < -1e-6).sum()), 0)
        self.assertEqual(int((steps([-1, 0, 0, 0]) > 1e-6).sum()), 0)
        self.assertGreater(int((steps([0, 0, 0, 0]) < -1e-6).sum()), 0)

    def test_categories_are_native_also_when_they_are_missing_or_unseen(self):
        given = asked({"n_estimators": 12, "min_data_per_group": 5})
        fitted = trainer.fit(given)
        expected = by_the_library(given, np.ones(1500, bool), {"min_data_per_group": 5}, iterations=12)
        self.assertIn("c", [column["name"] for column in COLUMNS if fitted.importance[column["name"]] > 0])
        graph = ReferenceEvaluator(load_from_string(fitted.to_onnx()))
        sample = np.repeat(rows(40, 8), 4, axis=0)
        sample[0::4, 3], sample[1::4, 3], sample[2::4, 3] = np.nan, len(COLUMNS[3]["categories"]) + 3, -1
        found = graph.run(None, {"features": sample})[1][:, 1]
        np.testing.assert_allclose(found, expected.predict(sample), atol=1e-5)


if __name__ == "__main__":
    unittest.main()
