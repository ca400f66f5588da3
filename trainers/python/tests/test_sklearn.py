"""scikit-learn's classifiers behind the columns' roles: converted exactly, or refused before any training."""

import unittest

import numpy as np
from onnx import load_from_string
from onnx.reference import ReferenceEvaluator

from understudy_trainer.failures import TrainerFailure
from understudy_trainer.obtain import obtain

from tests.example import asked, awkward_rows, on_thresholds


class Sklearn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        obtain("sklearn", print)
        from understudy_trainer.trainers import sklearn

        cls.trainer = sklearn

    def test_the_onnx_graph_predicts_what_the_model_predicts(self):
        for estimator, params in [
            ("logistic", {}),
            ("random-forest", {"n_estimators": 4, "max_depth": "none"}),
            ("gradient-boosting", {"n_estimators": 5}),
            ("sklearn.naive_bayes.GaussianNB", {}),
        ]:
            with self.subTest(estimator):
                given = asked(params, estimator=estimator)
                self.trainer.check(given)
                fitted = self.trainer.fit(given)
                content = fitted.to_onnx()
                samples = [awkward_rows()] + ([on_thresholds(fitted.thresholds, 100)] if fitted.thresholds else [])
                for sample in samples:
                    label, probabilities = ReferenceEvaluator(load_from_string(content)).run(None, {"features": sample})
                    np.testing.assert_allclose(probabilities[:, 1], fitted.predict(sample), atol=1e-5)
                    self.assertEqual((label.shape, label.dtype), ((len(sample),), np.int64))
                again = self.trainer.fit(given)
                self.assertEqual((again.native, again.to_onnx()), (fitted.native, content))
                self.assertEqual(again.to_onnx(), content)

    def test_its_tensors_have_our_names_types_and_shapes(self):
        graph = load_from_string(self.trainer.fit(asked(estimator="logistic")).to_onnx()).graph
        shapes = {
            value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
            for value in [*graph.input, *graph.output]
        }
        self.assertEqual(shapes, {"features": ["batch", 4], "label": ["batch"], "probabilities": ["batch", 2]})

    def test_a_column_of_weights_is_not_seen(self):
        fitted = self.trainer.fit(asked(estimator="logistic", hidden=frozenset([0]), weights=np.ones(1500)))
        sample = awkward_rows()
        changed = sample.copy()
        changed[:, 0] = 1e6
        np.testing.assert_array_equal(fitted.predict(sample), fitted.predict(changed))
        self.assertEqual(fitted.importance["x"], 0.0)

    def test_it_refuses_what_cannot_be_converted_or_trained_before_any_training(self):
        for estimator, params, sentence in [
            ("sklearn.ensemble.HistGradientBoostingClassifier", {}, "HistGradientBoostingClassifier cannot be converted to ONNX"),
            ("sklearn.discriminant_analysis.LinearDiscriminantAnalysis", {}, "its converted form differs by"),
            ("sklearn.linear_model.LinearRegression", {}, "gives no probabilities of classes"),
            ("sklearn.nothing.Here", {}, "cannot be imported"),
            ("os.path", {}, "no scikit-learn estimator"),
            ("random-forest", {"n_estimator": 3}, "params.n_estimator is no parameter of sklearn.ensemble.RandomForestClassifier"),
            ("random-forest", {"n_estimators": "x"}, "scikit-learn refused the training: The 'n_estimators' parameter"),
        ]:
            with self.subTest(estimator), self.assertRaisesRegex(TrainerFailure, sentence):
                self.trainer.check(asked(params, estimator=estimator))
        with self.assertRaisesRegex(TrainerFailure, "takes no weights of rows"):
            self.trainer.check(asked(estimator="sklearn.neighbors.KNeighborsClassifier", weights=np.ones(1500)))
        with self.assertRaisesRegex(TrainerFailure, "monotone is not possible"):
            self.trainer.check(asked(estimator="logistic", monotone=[1, 0, 0, 0]))


if __name__ == "__main__":
    unittest.main()
