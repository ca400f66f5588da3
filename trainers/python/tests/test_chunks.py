"""Trainings in chunks: cut anywhere, they give the same bytes as undisturbed ones; and a state of another training is no state."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
from onnx import load_from_string
from onnx.reference import ReferenceEvaluator

from understudy_trainer.artifacts import FileArtifacts
from understudy_trainer.chunks.best import Best
from understudy_trainer.chunks.checkpoints import Checkpoints, pack, unpack
from understudy_trainer.chunks.sizes import chunk_seed, chunk_size
from understudy_trainer.obtain import obtain
from understudy_trainer.trainers import trainer_of

from tests.example import asked, awkward_rows

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "own-trainer"


class Killed(BaseException):
    """Stands for a SIGKILL: nothing of the process is left but what was kept."""


class Kept:
    """The states of one training, in memory; the process dies once so many were kept."""

    keeps = True

    def __init__(self, dies_after=None):
        self.states, self.dies_after = [], dies_after

    def last(self):
        return self.states[-1] if self.states else None

    def chain(self):
        return list(self.states)

    def save(self, state, follows=False):
        assert follows in (False, bool(self.states))
        self.states.append(state)
        if self.dies_after == len(self.states):
            raise Killed


def facts(fitted):
    return fitted.native, fitted.to_onnx(), fitted.curve, fitted.iterations, fitted.importance


class Chunks(unittest.TestCase):
    def assert_survives(self, name, params, every=10, deaths=(1, 2), **changes):
        trainer = trainer_of(name)
        whole = Kept()
        undisturbed = facts(trainer.fit(asked(params, checkpoints=whole, checkpoint_every=every, **changes)))
        unkept = facts(trainer.fit(asked(params, checkpoint_every=every, **changes)))
        self.assertEqual(undisturbed, unkept)
        for count in deaths:
            kept = Kept(count)
            with self.assertRaises(Killed):
                trainer.fit(asked(params, checkpoints=kept, checkpoint_every=every, **changes))
            self.assertEqual(kept.states, whole.states[:count])
            told = []
            resumed = trainer.fit(
                asked(params, checkpoints=kept, checkpoint_every=every, progress=lambda *step: told.append(step), **changes)
            )
            self.assertEqual(facts(resumed), undisturbed)
            self.assertEqual(kept.states, whole.states)
            # The loss is what was grown since the last state: nothing before it is grown again.
            self.assertGreater(min(at for at, *_ in told if at > 0), count * every)
        return undisturbed, whole

    def test_lightgbm_goes_on_exactly(self):
        sampled = {"feature_fraction": 0.6, "bagging_fraction": 0.7, "bagging_freq": 3, "num_iterations": 35, "min_data_per_group": 20}
        for params, changes in [
            ({"num_iterations": 35, "num_leaves": 15}, {}),
            (sampled, {}),
            # Rounds without any tree: soon no split is worth it, or none at all.
            ({"num_iterations": 35, "learning_rate": 0.5, "min_gain_to_split": 20}, {}),
            ({"num_iterations": 35, "min_gain_to_split": 1e9}, {}),
            ({**sampled, "extra_trees": True, "path_smooth": 1, "bagging_seed": 5}, {"threads": 2}),
            (sampled, {"early_stopping_days": 6, "early_stopping_rounds": 12}),
            ({**sampled, "learning_rate": 0.3, "num_iterations": 200}, {"early_stopping_days": 6, "early_stopping_rounds": 25}),
            (sampled, {"weights": np.linspace(0.5, 2, 1500), "monotone": [1, 0, 0, 0]}),
        ]:
            with self.subTest(params=params, changes=list(changes)):
                self.assert_survives("lightgbm", params, **changes)

    def test_early_stopping_is_where_it_would_be_in_one_go(self):
        params = {"num_iterations": 300, "learning_rate": 0.3}
        stops = {"early_stopping_days": 6, "early_stopping_rounds": 20}
        for name in ("lightgbm", "xgboost"):
            obtain_if_needed(name)
            given = params if name == "lightgbm" else {"num_boost_round": 300}
            (_, _, curve, best, _), _ = self.assert_survives(name, given, every=7, deaths=(1, 3), **stops)
            trainer = trainer_of(name)
            one = trainer.fit(asked(given, checkpoint_every=1000, **stops))
            self.assertEqual((one.iterations, one.curve), (best, curve))
            losses = [point["valid"] for point in curve]
            self.assertEqual(best, losses.index(min(losses)) + 1)
            self.assertEqual(len(curve), best + 20)

    def test_xgboost_goes_on_exactly(self):
        obtain_if_needed("xgboost")
        sampled = {"num_boost_round": 35, "subsample": 0.6, "colsample_bytree": 0.7, "colsample_bynode": 0.8}
        for params, changes in [
            ({"num_boost_round": 35}, {}),
            (sampled, {}),
            ({**sampled, "num_parallel_tree": 2, "grow_policy": "lossguide", "max_leaves": 12}, {"threads": 2}),
            (sampled, {"early_stopping_days": 6, "early_stopping_rounds": 12, "monotone": [1, 0, 0, 0]}),
            (sampled, {"weights": np.linspace(0.5, 2, 1500)}),
        ]:
            with self.subTest(params=params, changes=list(changes)):
                self.assert_survives("xgboost", params, **changes)

    def test_scikit_learn_goes_on_exactly_where_it_can(self):
        obtain("sklearn", lambda _: None)
        for estimator, params in [
            ("random-forest", {"n_estimators": 60, "min_samples_leaf": 20}),
            ("sklearn.ensemble.ExtraTreesClassifier", {"n_estimators": 60, "max_depth": 5}),
            ("gradient-boosting", {"n_estimators": 60, "subsample": 0.7, "max_features": 2}),
        ]:
            with self.subTest(estimator):
                given = {"estimator": estimator, "weights": np.linspace(0.5, 2, 1500)}
                trainer, whole, kept = trainer_of("sklearn"), Kept(), Kept(2)
                undisturbed = trainer.fit(asked(params, checkpoints=whole, **given))
                with self.assertRaises(Killed):
                    trainer.fit(asked(params, checkpoints=kept, **given))
                self.assertEqual(facts(trainer.fit(asked(params, checkpoints=kept, **given))), facts(undisturbed))
                self.assertEqual(len(whole.states), 2)
                # Trees that are asked for with `warm_start` are fitted in one go: they are the same.
                one = trainer.fit(asked({**params, "warm_start": True}, **given))
                np.testing.assert_array_equal(one.predict(awkward_rows()), undisturbed.predict(awkward_rows()))
        for params in ({"oob_score": True}, {"warm_start": True}):
            kept = Kept()
            asking = asked({"n_estimators": 60, "max_depth": 3, **params}, estimator="random-forest", checkpoints=kept)
            trainer_of("sklearn").fit(asking)
            self.assertEqual(kept.states, [])

    def test_the_example_of_an_own_function_goes_on_exactly(self):
        given = {"function": "long_trainer:train", "folder": str(EXAMPLE), "params": {"epochs": 6}}
        trainer = trainer_of("function")
        whole, kept = Kept(), Kept(4)
        undisturbed = trainer.fit(asked(checkpoints=whole, **given))
        with self.assertRaises(Killed):
            trainer.fit(asked(checkpoints=kept, **given))
        epochs = []
        resumed = trainer.fit(asked(checkpoints=kept, progress=lambda at, *_: epochs.append(at), **given))
        self.assertEqual(facts(resumed), facts(undisturbed))
        self.assertEqual(epochs, [0, 5, 6])
        self.assertEqual(kept.states, whole.states)
        sample = awkward_rows()
        _, probabilities = ReferenceEvaluator(load_from_string(resumed.to_onnx())).run(None, {"features": sample})
        np.testing.assert_allclose(probabilities[:, 1], resumed.predict(sample), atol=1e-5)

    def test_what_looks_back_further_is_grown_in_one_go(self):
        for params in ({"boosting": "dart"}, {"boosting": "goss"}, {"data_sample_strategy": "goss"}):
            kept = Kept()
            trainer_of("lightgbm").fit(asked({**params, "num_iterations": 30}, checkpoints=kept, checkpoint_every=10))
            self.assertEqual(kept.states, [])

    def test_chunks_follow_from_the_request_alone(self):
        self.assertEqual([chunk_size(n, None) for n in (1, 100, 1000, 1001, 8000)], [25, 25, 25, 26, 200])
        self.assertEqual(chunk_size(500, 7), 7)
        seeds = [chunk_seed(3, chunk) for chunk in range(50)]
        self.assertEqual(seeds[0], 3)
        self.assertEqual(len(set(seeds)), 50)
        self.assertTrue(all(0 <= seed < 2**31 for seed in seeds))

    def test_a_tie_is_no_better_iteration(self):
        best = Best(2)
        self.assertEqual([best.seen(i, score) for i, score in enumerate([0.5, 0.4, 0.4, 0.4], 1)], [False, False, False, True])
        self.assertEqual(Best(**best.state()), best)
        self.assertEqual(best.iteration, 2)


class States(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.artifacts = FileArtifacts(f"file://{folder.name}")

    def test_a_state_is_found_again_by_its_own_training_only(self):
        told = []
        first = Checkpoints(self.artifacts, "k", None, told.append)
        self.assertIsNone(first.last())
        first.save(b"one")
        first.save(b"two")
        self.assertEqual(first.last(), b"two")
        self.assertEqual(len(told), 2)
        self.assertEqual(Checkpoints(self.artifacts, "k", told[0], told.append).last(), b"one")
        self.assertIsNone(Checkpoints(self.artifacts, "another", told[1], told.append).last())

    def test_states_that_follow_each_other_are_found_together_or_not_at_all(self):
        told = []
        first = Checkpoints(self.artifacts, "k", None, told.append)
        self.assertEqual(first.chain(), [])
        first.save(b"one")
        first.save(b"two", follows=True)
        self.assertEqual(first.chain(), [b"one", b"two"])
        second = Checkpoints(self.artifacts, "k", told[1], told.append)
        second.save(b"three", follows=True)
        self.assertEqual(Checkpoints(self.artifacts, "k", told[2], told.append).chain(), [b"one", b"two", b"three"])
        (self.artifacts.root / told[1]["sha256"][:2] / told[1]["sha256"]).unlink()
        self.assertEqual(Checkpoints(self.artifacts, "k", told[2], told.append).chain(), [])

    def test_a_state_that_is_lost_or_broken_is_no_reason_to_fail(self):
        told = []
        Checkpoints(self.artifacts, "k", None, told.append).save(b"state")
        path = self.artifacts.root / told[0]["sha256"][:2] / told[0]["sha256"]
        path.write_bytes(b"other")
        self.assertIsNone(Checkpoints(self.artifacts, "k", told[0], told.append).last())
        path.unlink()
        self.assertIsNone(Checkpoints(self.artifacts, "k", told[0], told.append).last())
        stray = self.artifacts.put(b"no state", "text/plain")
        self.assertIsNone(Checkpoints(self.artifacts, "k", stray, told.append).last())

    def test_the_same_state_has_the_same_bytes(self):
        content = pack({"b": 1, "a": [None, 0.1]}, {"x": b"\0\1", "empty": b""})
        self.assertEqual(content, pack({"a": [None, 0.1], "b": 1}, {"x": b"\0\1", "empty": b""}))
        self.assertEqual(unpack(content), ({"a": [None, 0.1], "b": 1}, {"x": b"\0\1", "empty": b""}))
        with self.assertRaises(ValueError):
            unpack(content[:-1])


def obtain_if_needed(name):
    if name == "xgboost":
        obtain("xgboost", lambda _: None)


if __name__ == "__main__":
    unittest.main()
