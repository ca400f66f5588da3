"""Continued training: the parent's trees come first and stay, new categories get splits, and the ONNX has all of them."""

import dataclasses
import unittest

import numpy as np
from onnx import load_from_string
from onnx.reference import ReferenceEvaluator

from understudy_trainer.failures import TrainerFailure
from understudy_trainer.obtain import obtain
from understudy_trainer.trainers import trainer_of

from tests.example import CATEGORIES, COLUMNS, asked, awkward_rows, on_thresholds

#: The parent knows half of the categories, the child all: the codes of the parent's are the first ones.
FEWER = [*COLUMNS[:3], {**COLUMNS[3], "categories": COLUMNS[3]["categories"][: CATEGORIES // 2]}]
PARAMS = {"lightgbm": {"n_estimators": 20, "min_data_per_group": 5, "cat_smooth": 1}, "xgboost": {"num_boost_round": 20}}


def parent_of(trainer, name, **changes):
    given = asked(PARAMS[name], columns=FEWER, **changes)
    known = ~(given.features[:, 3] >= CATEGORIES // 2)
    return trainer.fit(
        dataclasses.replace(given, features=given.features[known], labels=given.labels[known], days=given.days[known])
    )


def onnx_of(fitted, rows):
    session = ReferenceEvaluator(load_from_string(fitted.to_onnx()))
    return session.run(["probabilities"], {"features": rows})[0][:, 1]


class WarmStart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        obtain("xgboost", print)
        cls.trainers = {name: trainer_of(name) for name in PARAMS}

    def test_the_parents_trees_come_first_and_the_onnx_has_all(self):
        for name, trainer in self.trainers.items():
            for days in (0, 5):
                with self.subTest(trainer=name, early_stopping_days=days):
                    parent = parent_of(trainer, name)
                    child = trainer.fit(
                        asked(PARAMS[name], early_stopping_days=days, start=parent.native, starts=True)
                    )
                    self.assertGreater(child.iterations, parent.iterations)
                    self.assertLessEqual(child.iterations, 40)
                    if not days:
                        self.assertEqual(child.iterations, 40)
                    rows = np.concatenate([awkward_rows(), on_thresholds(child.thresholds)])
                    np.testing.assert_allclose(onnx_of(child, rows), child.predict(rows), atol=1e-5)
                    before = set(parent.thresholds)
                    self.assertTrue(before <= set(child.thresholds))
                    # Categories that the parent did not know are told apart by the child.
                    new = asked().features[:50].copy()
                    new[:] = new[0]
                    new[:, 3] = np.arange(CATEGORIES // 2, CATEGORIES // 2 + 50) % CATEGORIES
                    new[:, 3] = np.clip(new[:, 3], CATEGORIES // 2, CATEGORIES - 1)
                    self.assertEqual(len(np.unique(parent.predict(new))), 1)
                    self.assertGreater(len(np.unique(child.predict(new))), 1)

    def test_it_goes_on_from_the_parents_scores(self):
        light = self.trainers["lightgbm"]
        given = asked(PARAMS["lightgbm"])
        parent = light.fit(given)
        child = light.fit(dataclasses.replace(given, start=parent.native, starts=True))
        self.assertLess(child.curve[0]["train"], parent.curve[-1]["train"] + 1e-3)
        self.assertLess(child.curve[-1]["train"], parent.curve[-1]["train"])

    def test_the_same_start_gives_the_same_model(self):
        for name, trainer in self.trainers.items():
            parent = parent_of(trainer, name)
            models = {trainer.fit(asked(PARAMS[name], start=parent.native, starts=True)).native for _ in range(2)}
            self.assertEqual(len(models), 1)

    def test_what_cannot_be_continued_is_refused_in_a_sentence(self):
        light, extreme = self.trainers["lightgbm"], self.trainers["xgboost"]
        narrow = asked(PARAMS["lightgbm"])
        narrow = light.fit(dataclasses.replace(narrow, features=narrow.features[:, :3], columns=COLUMNS[:3], monotone=[0] * 3))
        for start, message in ((narrow.native, "has 3 columns; allowed is 4"), (b"nothing", "is no model of LightGBM")):
            with self.assertRaisesRegex(TrainerFailure, message):
                light.fit(asked(PARAMS["lightgbm"], start=start, starts=True))
        with self.assertRaisesRegex(TrainerFailure, "is no model of XGBoost"):
            extreme.fit(asked(PARAMS["xgboost"], start=b"nothing", starts=True))
        with self.assertRaisesRegex(TrainerFailure, 'params.boosting is "dart"'):
            light.check(asked({"boosting": "dart"}, starts=True))


if __name__ == "__main__":
    unittest.main()
