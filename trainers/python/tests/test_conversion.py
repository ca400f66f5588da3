"""The edited model is the trained model, and the ONNX graph is the edited model, on every kind of row."""

import unittest

import lightgbm as lgb
import numpy as np
from onnx import load_from_string
from onnx.reference import ReferenceEvaluator

from understudy_trainer.conversion.model_text import exact_in_float32, float32_floor, sigmoid_of, trees_of
from understudy_trainer.conversion.onnx_trees import trees_to_onnx

CATEGORIES = 100


def rows(count, seed):
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(count, 3)).astype(np.float32)
    numbers[:, 1] = random.integers(-3, 4, count)
    numbers[random.random(count) < 0.2, 2] = np.nan
    codes = random.integers(0, CATEGORIES, count).astype(np.float32)
    codes[random.random(count) < 0.1] = np.nan
    return np.column_stack([numbers, codes])


def trained(**params):
    features = rows(4000, 1)
    effect = np.random.default_rng(7).normal(size=CATEGORIES + 1)
    score = features[:, 0] + 0.3 * features[:, 1] + effect[np.nan_to_num(features[:, 3], nan=CATEGORIES).astype(int)]
    labels = (score + np.random.default_rng(2).normal(size=4000) > 0).astype(float)
    fixed = {"objective": "binary", "verbosity": -1, "deterministic": True, "num_threads": 1, "min_data_per_group": 5}
    return lgb.train({**fixed, **params}, lgb.Dataset(features, labels, categorical_feature=[3]), 20)


def awkward_rows():
    """Random rows, values missing at random, unseen and impossible codes, values that LightGBM takes as 0, and all missing."""
    base = rows(300, 3)
    holes = base.copy()
    holes[np.random.default_rng(4).random(holes.shape) < 0.4] = np.nan
    odd = rows(4, 5)
    odd[:, 3] = [CATEGORIES, 5000, -1, np.nan]
    tiny = rows(400, 6)
    tiny[:, :3] = np.random.default_rng(8).choice(np.array([-2e-35, -1e-35, -1e-40, 0, 1e-40, 1e-35, 2e-35], np.float32), (400, 3))
    return np.concatenate([base, holes, odd, tiny, np.full((1, 4), np.nan, np.float32)])


class Float32Floor(unittest.TestCase):
    def test_it_is_the_largest_float32_that_is_not_above(self):
        random = np.random.default_rng(0)
        for value in [*random.normal(size=500), *random.normal(size=500) * 1e30, 0.0, 1e-46, -1e-46, 1e300, -1e300, 0.1]:
            found = np.float32(float32_floor(float(value)))
            self.assertLessEqual(float(found), value)
            with np.errstate(over="ignore"):
                self.assertGreater(float(np.nextafter(found, np.float32(np.inf))), value)


class Conversion(unittest.TestCase):
    MODELS = {
        "default": {},
        "no missing handling": {"use_missing": False},
        "another sigmoid": {"sigmoid": 1.7},
        "one-hot categories": {"max_cat_to_onehot": 200},
        "stumps": {"num_leaves": 2},
    }

    def test_the_edit_changes_no_prediction_for_float32_rows(self):
        for name, params in self.MODELS.items():
            with self.subTest(name):
                text = trained(**params).model_to_string()
                exact = lgb.Booster(model_str=exact_in_float32(text))
                on_threshold = awkward_rows()
                for row, tree in enumerate(trees_of(exact.model_to_string())):
                    if tree.split_feature[0] != 3:
                        on_threshold[row, tree.split_feature[0]] = tree.threshold[0]
                for sample in (awkward_rows(), on_threshold):
                    np.testing.assert_array_equal(lgb.Booster(model_str=text).predict(sample), exact.predict(sample))

    def test_the_onnx_graph_predicts_what_the_model_predicts(self):
        for name, params in self.MODELS.items():
            with self.subTest(name):
                text = exact_in_float32(trained(**params).model_to_string())
                content = trees_to_onnx(trees_of(text), 4, sigmoid_of(text))
                label, probabilities = ReferenceEvaluator(load_from_string(content)).run(None, {"features": awkward_rows()})
                expected = lgb.Booster(model_str=text).predict(awkward_rows())
                np.testing.assert_allclose(probabilities[:, 1], expected, atol=1e-5)
                np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
                np.testing.assert_array_equal(label, expected > 0.5)

    def test_a_model_that_found_no_split_becomes_a_constant(self):
        text = exact_in_float32(trained(min_data_in_leaf=4000).model_to_string())
        content = trees_to_onnx(trees_of(text), 4, sigmoid_of(text))
        _, probabilities = ReferenceEvaluator(load_from_string(content)).run(None, {"features": rows(5, 1)})
        np.testing.assert_allclose(probabilities[:, 1], lgb.Booster(model_str=text).predict(rows(5, 1)), atol=1e-6)

    def test_the_same_training_gives_the_same_bytes(self):
        first, second = (exact_in_float32(trained().model_to_string()) for _ in range(2))
        self.assertEqual(trees_to_onnx(trees_of(first), 4, 1.0), trees_to_onnx(trees_of(second), 4, 1.0))


if __name__ == "__main__":
    unittest.main()
