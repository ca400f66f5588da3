"""The report's Shapley values: they add up to the prediction, and a column without a part has none."""

import dataclasses
import unittest

import numpy as np

from understudy_trainer.obtain import obtain
from understudy_trainer.shap_report import SAMPLE_ROWS, shap_report
from understudy_trainer.trainers import lightgbm

from tests.example import COLUMNS, asked, awkward_rows
from tests.test_tasks import CLASSES, of_task


class ShapReport(unittest.TestCase):
    def test_contributions_add_up_to_the_log_odds_also_with_another_sigmoid(self):
        for params in ({"n_estimators": 10}, {"n_estimators": 10, "sigmoid": 0.5}):
            with self.subTest(params):
                fitted = lightgbm.fit(asked(params))
                rows = awkward_rows()
                predicted = fitted.predict(rows)
                found = fitted.contributions(rows).sum(axis=1)
                np.testing.assert_allclose(found, np.log(predicted / (1 - predicted)), atol=1e-9)

    def test_so_do_those_of_xgboost(self):
        obtain("xgboost", print)
        from understudy_trainer.trainers import xgboost

        fitted = xgboost.fit(asked({"n_estimators": 10}))
        rows = awkward_rows()
        predicted = fitted.predict(rows)
        found = fitted.contributions(rows).sum(axis=1)
        np.testing.assert_allclose(found, np.log(predicted / (1 - predicted)), atol=1e-5)

    def test_the_report_has_the_mean_size_of_each_column_on_a_sample(self):
        given = asked({"n_estimators": 10})
        given.features[:, 1] = 3
        fitted = lightgbm.fit(given)
        report = shap_report(given, fitted)["shap"]
        self.assertEqual((report["method"], report["rows"]), ("path-dependent", SAMPLE_ROWS))
        self.assertEqual(list(report["meanAbs"]), [column["name"] for column in COLUMNS])
        self.assertEqual(report["meanAbs"]["holes"], 0)
        self.assertGreater(report["meanAbs"]["x"], 0.1)
        self.assertEqual(report, shap_report(given, fitted)["shap"])

    def test_those_of_several_classes_add_up_to_the_scores_and_those_of_a_value_to_the_value(self):
        obtain("xgboost", print)
        from understudy_trainer.trainers import xgboost

        sample = awkward_rows()
        for trainer in (lightgbm, xgboost):
            with self.subTest(trainer.__name__):
                classes = trainer.fit(of_task("multiclass", {"n_estimators": 8}))
                found = classes.contributions(sample)
                self.assertEqual(found.shape, (len(sample), 3, len(COLUMNS) + 1))
                scores = np.exp(found.sum(axis=2))
                np.testing.assert_allclose(scores / scores.sum(axis=1, keepdims=True), classes.predict(sample), atol=1e-6)
                value = trainer.fit(of_task("regression", {"n_estimators": 8}))
                np.testing.assert_allclose(value.contributions(sample).sum(axis=1), value.predict(sample), rtol=1e-5)

    def test_the_report_of_several_classes_has_each_of_them_and_their_mean(self):
        given = of_task("multiclass", {"n_estimators": 8})
        given.features[:, 1] = 3
        report = shap_report(given, lightgbm.fit(given))["shap"]
        self.assertEqual([each["name"] for each in report["classes"]], list(CLASSES))
        self.assertNotIn("base", report)
        for name, mean in report["meanAbs"].items():
            self.assertAlmostEqual(mean, sum(each["meanAbs"][name] for each in report["classes"]) / 3, 12)
        self.assertEqual(report["meanAbs"]["holes"], 0)
        self.assertGreater(report["meanAbs"]["x"], 0.1)

    def test_a_trainer_without_contributions_reports_none(self):
        given = asked({"n_estimators": 2})
        self.assertEqual(shap_report(given, dataclasses.replace(lightgbm.fit(given), contributions=None)), {})


if __name__ == "__main__":
    unittest.main()
