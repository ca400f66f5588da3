"""The report's Shapley values: they add up to the prediction, and a column without a part has none."""

import dataclasses
import unittest

import numpy as np

from understudy_trainer.obtain import obtain
from understudy_trainer.shap_report import SAMPLE_ROWS, shap_report
from understudy_trainer.trainers import lightgbm

from tests.example import COLUMNS, asked, awkward_rows


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

    def test_a_trainer_without_contributions_reports_none(self):
        given = asked({"n_estimators": 2})
        self.assertEqual(shap_report(given, dataclasses.replace(lightgbm.fit(given), contributions=None)), {})


if __name__ == "__main__":
    unittest.main()
