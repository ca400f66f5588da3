"""Weights of rows: by class, by a column, both; and a column of weights is no feature."""

import unittest

import numpy as np

from understudy_trainer.failures import TrainerFailure
from understudy_trainer.weights import hidden_columns, row_weights

from tests.example import COLUMNS

LABELS = np.array([0, 0, 0, 1.0])
FEATURES = np.array([[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0], [4, 0, 0, 0]], np.float32)
ALL = np.ones(4, bool)


class Weights(unittest.TestCase):
    def weights(self, plan, counted=ALL, features=FEATURES):
        return row_weights(plan, features, LABELS, hidden_columns(plan, COLUMNS), counted)

    def test_without_a_plan_there_are_none(self):
        self.assertIsNone(self.weights(None))

    def test_balanced_classes_count_the_same_in_sum_over_the_rows_that_are_trained_on(self):
        np.testing.assert_allclose(self.weights({"classes": "balanced"}), [4 / 6, 4 / 6, 4 / 6, 2])
        trained = np.array([False, False, True, True])
        np.testing.assert_allclose(self.weights({"classes": "balanced"}, trained), [1, 1, 1, 1])

    def test_a_column_and_the_weights_of_classes_are_multiplied(self):
        plan = {"column": "x", "classes": {"negative": 1, "positive": 10}}
        np.testing.assert_allclose(self.weights(plan), [1, 2, 3, 40])

    def test_the_rows_own_weights_are_multiplied_with_all_others(self):
        own = np.array([1, 0, 2, 3.0])
        np.testing.assert_allclose(row_weights(None, FEATURES, LABELS, frozenset(), ALL, of_rows=own), own)
        plan = {"column": "x", "classes": {"negative": 1, "positive": 10}}
        found = row_weights(plan, FEATURES, LABELS, hidden_columns(plan, COLUMNS), ALL, of_rows=own)
        np.testing.assert_allclose(found, [1, 0, 6, 120])
        with self.assertRaisesRegex(TrainerFailure, "All training rows have the weight 0"):
            row_weights(None, FEATURES, LABELS, frozenset(), ALL, of_rows=np.zeros(4))

    def test_it_refuses_a_category_and_rows_without_a_weight(self):
        with self.assertRaisesRegex(TrainerFailure, 'weights.column is "c"; allowed is a feature that is a number: x, holes'):
            self.weights({"column": "c"})
        features = FEATURES.copy()
        features[0, 0], features[1, 0] = np.nan, -1
        with self.assertRaisesRegex(TrainerFailure, '2 of 4 rows have no weight, or one below 0, in the column "x"'):
            self.weights({"column": "x"}, features=features)
        with self.assertRaisesRegex(TrainerFailure, "All training rows have the weight 0"):
            self.weights({"column": "holes"})


if __name__ == "__main__":
    unittest.main()
