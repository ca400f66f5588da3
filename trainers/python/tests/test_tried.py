"""What `check` says of values that a library refuses: the field's name, and no training of the contender."""

from __future__ import annotations

import os
import unittest
from typing import Any

from understudy_trainer.check import check_contenders
from understudy_trainer.obtain import obtain


def problem(trainer: str, params: dict[str, Any], space: dict[str, Any] | None = None, task: str = "binary") -> str | None:
    contender = {"trainer": trainer, "params": params, **({"tuning": {"space": space}} if space else {})}
    document = {
        **{"model": "m", "models": os.getcwd(), "task": task, "columns": [{"kind": "number", "name": "x"}]},
        **({"classes": ["a", "b", "c"]} if task == "multiclass" else {}),
        "contenders": {"gbm": contender},
    }
    answer = check_contenders(document)
    assert answer["unchecked"] == [], answer
    return answer["problems"][0]["message"] if answer["problems"] else None


class Values(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        obtain("xgboost", print)

    def test_a_value_that_lightgbm_refuses_is_named(self):
        for name, value in (("num_leaves", "abc"), ("learning_rate", -0.1), ("num_leaves", 1), ("bagging_fraction", 2)):
            found = problem("lightgbm", {"max_depth": 3, name: value})
            self.assertRegex(found or "", rf"^params\.{name} is {value!r}: LightGBM refused the training: ")
            self.assertNotRegex(found or "", r"line \d+|\.cpp|Traceback")

    def test_a_value_that_xgboost_refuses_is_named(self):
        for name, value in (("max_depth", "abc"), ("learning_rate", -0.1), ("subsample", 2)):
            found = problem("xgboost", {"max_leaves": 3, name: value})
            self.assertRegex(found or "", rf"^params\.{name} is {value!r}: XGBoost refused the training: ")
            self.assertNotRegex(found or "", r"line \d+|\.cc|Traceback|Stack trace")

    def test_the_ends_of_a_range_are_tried_and_the_range_is_named(self):
        for space in ({"num_leaves": {"low": 1, "high": 31, "step": 1}}, {"learning_rate": {"low": -1, "high": 0.1}}):
            (name,) = space
            self.assertRegex(problem("lightgbm", {"max_depth": 3}, space) or "", rf"^tuning\.space\.{name} is ")
        self.assertRegex(problem("xgboost", {}, {"subsample": {"low": 0.5, "high": 3}}) or "", r"^tuning\.space\.subsample is 3")

    def test_a_misspelt_parameter_of_a_space_is_named_there(self):
        for trainer in ("lightgbm", "xgboost"):
            found = problem(trainer, {}, {"learning_rat": {"low": 0.1, "high": 0.2}})
            self.assertRegex(found or "", r'^tuning\.space\.learning_rat is no parameter of \w+\. Did you mean "learning_rate"\?')

    def test_what_can_be_trained_passes_for_every_task(self):
        params = {"num_leaves": 15, "min_data_in_leaf": 5000, "bagging_fraction": 0.5, "bagging_freq": 1, "max_bin": 63}
        for task in ("binary", "multiclass", "regression"):
            self.assertIsNone(problem("lightgbm", params, {"num_leaves": {"low": 4, "high": 4000, "step": 1}}, task))
            self.assertIsNone(problem("lightgbm", {"boosting": "goss"}, None, task))
            self.assertIsNone(problem("lightgbm", {"boosting": "dart"}, None, task))
            self.assertIsNone(problem("xgboost", {"max_depth": 4, "subsample": 0.5}, {"eta": {"low": 0.01, "high": 1}}, task))


if __name__ == "__main__":
    unittest.main()
