"""Tuning: what is asked, how days are folded, what is given up, and that the same trial always gives the same."""

import json
import os
import unittest

import numpy as np

from understudy_trainer.check import check_contenders
from understudy_trainer.failures import TrainerFailure
from understudy_trainer.obtain import obtain
from understudy_trainer.process import TrainingProcess, prepare
from understudy_trainer.tuning.folds import folds_of
from understudy_trainer.tuning.metrics import score
from understudy_trainer.tuning.pruning import hopeless
from understudy_trainer.tuning.space import corners
from understudy_trainer.tuning.suggest import suggest
from understudy_trainer.tuning.trial import run_trial

from tests import test_training

SPACE = {
    "learning_rate": {"low": 0.01, "high": 0.5, "log": True},
    "num_leaves": {"low": 4, "high": 32, "log": True, "step": 1},
    "min_data_in_leaf": {"low": 5, "high": 42, "step": 10},
    "boosting": {"choices": ["gbdt", "dart"]},
}


class Suggesting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        obtain("optuna", lambda _: None)

    def search(self, count, lower=True, sign=1):
        trials = []
        for number in range(count):
            params = suggest(SPACE, trials, 1000 + number, 5, lower)
            value = sign * (abs(params["learning_rate"] - 0.1) + abs(params["num_leaves"] - 16) / 100)
            pruned = number % 4 == 3
            trials.append({"state": "pruned" if pruned else "complete", "params": params, "value": value, "scores": [value] * (1 if pruned else 3)})
        return trials

    def test_the_same_trials_and_seed_give_the_same_parameters_also_through_json(self):
        trials = self.search(14)
        self.assertEqual(trials, self.search(14))
        told = json.loads(json.dumps(trials))
        self.assertEqual(suggest(SPACE, told, 7, 5, True), suggest(SPACE, trials, 7, 5, True))
        self.assertNotEqual(suggest(SPACE, told, 7, 5, True), suggest(SPACE, told, 8, 5, True))

    def test_what_is_suggested_is_inside_the_space_and_whole_where_the_step_is(self):
        for trial in self.search(20):
            params = trial["params"]
            self.assertTrue(0.01 <= params["learning_rate"] <= 0.5)
            self.assertIs(type(params["num_leaves"]), int)
            self.assertIn(params["min_data_in_leaf"], (5, 15, 25, 35))
            self.assertIn(params["boosting"], ("gbdt", "dart"))

    def test_it_looks_where_earlier_trials_were_good_in_either_direction(self):
        for lower, sign in ((True, 1), (False, -1)):
            rates = [trial["params"]["learning_rate"] for trial in self.search(45, lower, sign)[25:]]
            self.assertLess(np.median(np.abs(np.log(rates) - np.log(0.1))), 0.6)

    def test_the_corners_of_a_space_are_what_check_looks_at(self):
        low, high = corners(SPACE)
        self.assertEqual(low, {"learning_rate": 0.01, "num_leaves": 4, "min_data_in_leaf": 5, "boosting": "gbdt"})
        self.assertEqual(high, {"learning_rate": 0.5, "num_leaves": 32, "min_data_in_leaf": 35, "boosting": "dart"})
        columns = [{"kind": "number", "name": "x"}]

        def problems(space):
            contender = {"trainer": "lightgbm", "params": {}, "tuning": {"space": space}}
            document = {"model": "m", "models": os.getcwd(), "columns": columns, "contenders": {"tuned": contender}}
            return [problem["message"] for problem in check_contenders(document)["problems"]]

        self.assertEqual(problems(SPACE), [])
        self.assertRegex(problems({"num_leafs": SPACE["num_leaves"]})[0], "num_leafs is no parameter of LightGBM")
        self.assertRegex(problems({"boosting": {"choices": ["gbdt", "rf"]}})[0], 'boosting is "rf"')


class Folds(unittest.TestCase):
    def test_a_fold_trains_on_days_before_its_own_only_and_each_day_is_judged_once(self):
        # Days with gaps: those of the truth set are not there.
        known = [day for day in range(100, 160) if day % 10]
        days = np.repeat(known, 3)
        folds = folds_of(days, 3, 7)
        self.assertEqual(len(folds), 3)
        for train, judge in folds:
            self.assertLess(days[train].max(), days[judge].min())
            self.assertEqual(len(np.unique(days[judge])), 7)
        judged = [day for _, judge in folds for day in np.unique(days[judge])]
        self.assertEqual(judged, known[-21:])
        # Everything before its own days, so later folds have more.
        self.assertEqual([len(np.unique(days[train])) for train, _ in folds], [len(known) - 21, len(known) - 14, len(known) - 7])

    def test_too_few_days_are_refused_in_a_sentence(self):
        self.assertEqual(len(folds_of(np.arange(28), 3, 7)), 3)
        with self.assertRaisesRegex(TrainerFailure, "needs 28 training days .* the snapshot has 27"):
            folds_of(np.arange(27), 3, 7)
        with self.assertRaisesRegex(TrainerFailure, "needs 33 .*beside 5 days of early stopping"):
            folds_of(np.arange(32), 3, 7, 5)


class Pruning(unittest.TestCase):
    COMPLETE = [[0.4, 0.9], [0.5, 0.1], [0.6, 0.1]]

    def test_a_trial_that_is_worse_than_the_median_by_then_is_hopeless(self):
        self.assertTrue(hopeless([0.51], self.COMPLETE, 3, 1, True))
        self.assertFalse(hopeless([0.5], self.COMPLETE, 3, 1, True))
        # Means over two folds: 0.65, 0.3, 0.35.
        self.assertTrue(hopeless([0.1, 0.7], self.COMPLETE, 3, 1, True))
        self.assertFalse(hopeless([0.9, 0.1], [[0.9, 0.2]] * 3, 3, 1, True))

    def test_higher_is_better_for_other_metrics(self):
        self.assertTrue(hopeless([0.49], self.COMPLETE, 3, 1, False))
        self.assertFalse(hopeless([0.51], self.COMPLETE, 3, 1, False))

    def test_it_waits_for_enough_trials_and_folds(self):
        self.assertFalse(hopeless([9.0], self.COMPLETE, 4, 1, True))
        self.assertFalse(hopeless([9.0], self.COMPLETE, 3, 2, True))
        self.assertTrue(hopeless([9.0, 9.0], self.COMPLETE, 3, 2, True))


class Metrics(unittest.TestCase):
    LABELS = np.array([0, 1, 1, 0, 1, 0, 0, 1], float)
    PROBABILITIES = np.array([0.1, 0.8, 0.35, 0.35, 0.9, 0.6, 0.0, 0.6])

    def test_they_equal_those_of_scikit_learn(self):
        # sklearn.metrics 1.9.1: log_loss, brier_score_loss, roc_auc_score, average_precision_score, accuracy_score.
        expected = {"log_loss": 0.4176982473576425, "brier": 0.140625, "roc_auc": 0.875, "pr_auc": 0.8541666666666666, "accuracy": 0.75}
        for metric, value in expected.items():
            self.assertAlmostEqual(score(metric, self.LABELS, self.PROBABILITIES), value, 12, metric)

    def test_a_ranking_of_one_class_is_refused(self):
        with self.assertRaisesRegex(TrainerFailure, "needs rows of both classes"):
            score("roc_auc", np.ones(3), np.ones(3))
        self.assertAlmostEqual(score("log_loss", np.ones(3), np.full(3, 0.5)), np.log(2))


class Trial(unittest.TestCase):
    def setUp(self):
        self.training = test_training.Training()
        self.training.setUp()
        self.addCleanup(self.training.doCleanups)

    def request(self, params, complete=(), done=(), **tuning):
        return {
            "study": "s",
            "number": 3,
            "train": self.training.request(params={"n_estimators": 8}, earlyStoppingDays=0),
            "tuning": {"folds": 3, "foldDays": 4, "metric": "log_loss", "pruneAfter": {"trials": 1, "folds": 1}, **tuning},
            "params": params,
            "complete": list(complete),
            "done": list(done),
        }

    def run_trial(self, *given, told=None, **more):
        def progress(iteration, of, message, **facts):
            if told is not None:
                told.append((message, len(facts["folds"])))

        return run_trial(self.request(*given, **more), self.training.artifacts, 1, progress, lambda: False)

    def test_the_same_request_gives_the_same_scores_also_after_folds_of_an_earlier_attempt(self):
        told = []
        result = self.run_trial({"learning_rate": 0.1}, told=told)
        self.assertEqual(result["state"], "complete")
        scores = [fold["score"] for fold in result["folds"]]
        self.assertAlmostEqual(result["value"], np.mean(scores))
        self.assertEqual(len(scores), 3)
        self.assertLess(result["folds"][0]["trainRows"], result["folds"][2]["trainRows"])
        self.assertEqual([count for message, count in told if message.startswith("fold 2 of 3: log_loss")], [2])
        again = self.run_trial({"learning_rate": 0.1}, done=result["folds"][:2])
        self.assertEqual([fold["score"] for fold in again["folds"]], scores)

    def test_a_hopeless_trial_ends_early(self):
        result = self.run_trial({"learning_rate": 0.001}, complete=[[0.01, 0.01, 0.01]])
        self.assertEqual((result["state"], len(result["folds"])), ("pruned", 1))
        after_two = self.run_trial({"learning_rate": 0.001}, complete=[[0.01, 0.01, 0.01]], pruneAfter={"trials": 1, "folds": 2})
        self.assertEqual(len(after_two["folds"]), 2)
        never = self.run_trial({"learning_rate": 0.001}, complete=[[0.01, 0.01, 0.01]], pruneAfter={"trials": 1, "folds": 3})
        self.assertEqual((never["state"], len(never["folds"])), ("complete", 3))

    def test_it_runs_in_a_process_of_its_own_that_tells_of_its_folds(self):
        prepare()
        run = TrainingProcess(self.request({"learning_rate": 0.1}), self.training.artifacts, 1, "understudy_trainer.tuning.trial:run_trial")
        while not run.poll(0.2):
            pass
        run.stop(5)
        self.assertIsNone(run.error)
        self.assertEqual(run.result["state"], "complete")


if __name__ == "__main__":
    unittest.main()
