"""A user's own function: the example of the documentation runs, and every mistake is told with the author's own line."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
from onnx import load_from_string
from onnx.reference import ReferenceEvaluator

from understudy_trainer.failures import TrainerFailure
from understudy_trainer.trainers import function

from tests.example import asked, awkward_rows
from tests.test_chunks import Kept, Killed

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "own-trainer"


class Function(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def given(self, path, params=None, folder=None, **changes):
        return asked(params, function=path, folder=str(folder or self.folder), **changes)

    def write(self, text, name="mine.py"):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def test_the_example_trains_both_ways_and_its_graphs_agree(self):
        for path, params in [("trainer:train", {}), ("trainer:train_rates", {"column": "c"})]:
            with self.subTest(path):
                fitted = function.fit(self.given(path, params, EXAMPLE))
                sample = awkward_rows()
                _, probabilities = ReferenceEvaluator(load_from_string(fitted.to_onnx())).run(None, {"features": sample})
                np.testing.assert_allclose(probabilities[:, 1], fitted.predict(sample), atol=1e-5)
                self.assertIn(f"function {path}", fitted.facts)

    def test_an_estimator_that_came_back_from_a_checkpoint_has_the_same_bytes(self):
        self.write(
            "import pickle\n"
            "import numpy as np\n"
            "from sklearn.linear_model import SGDClassifier\n"
            "from sklearn.impute import SimpleImputer\n"
            "from sklearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import StandardScaler\n"
            "def train(training):\n"
            "    prepared = make_pipeline(SimpleImputer(), StandardScaler()).fit(training.features)\n"
            "    rows = prepared.transform(training.features)\n"
            "    step, model = 0, SGDClassifier(loss='log_loss', random_state=training.seed)\n"
            "    saved = training.checkpoint.last()\n"
            "    if saved is not None:\n"
            "        step, model = pickle.loads(saved)\n"
            "    while step < 5:\n"
            "        model.partial_fit(rows, training.labels.astype(int), classes=[0, 1])\n"
            "        step += 1\n"
            "        training.checkpoint.save(pickle.dumps((step, model)))\n"
            "    prepared.steps.append(('model', model))\n"
            "    return prepared\n"
        )
        whole, kept = Kept(), Kept(2)
        undisturbed = function.fit(self.given("mine:train", checkpoints=whole))
        with self.assertRaises(Killed):
            function.fit(self.given("mine:train", checkpoints=kept))
        resumed = function.fit(self.given("mine:train", checkpoints=kept))
        self.assertEqual(resumed.to_onnx(), undisturbed.to_onnx())
        self.assertEqual(resumed.native, undisturbed.native)

    def test_it_says_what_is_wrong_with_the_function(self):
        self.write(
            "def breaks(training):\n    return [][3]\n\n"
            "def number(training):\n    return 3\n\n"
            "def text(training):\n"
            "    from understudy_trainer.author import TrainedModel\n"
            "    return TrainedModel(onnx=b'no model', predict=lambda rows: rows[:, 0])\n"
        )
        for path, sentence in [
            ("mine:breaks", r"mine:breaks failed \(mine.py:2\): IndexError: list index out of range"),
            ("mine:number", "gave int; allowed is a TrainedModel or a fitted scikit-learn classifier"),
            ("mine:text", r"no ONNX model; allowed is features float32 \[batch, 4\]"),
            ("mine:other", "The module mine has no function other"),
            ("other:train", "There is no module other in"),
        ]:
            with self.subTest(path), self.assertRaisesRegex(TrainerFailure, sentence):
                function.fit(self.given(path))

    def test_it_says_which_library_is_missing(self):
        self.write("import a_module_that_nobody_has\n")
        with self.assertRaisesRegex(TrainerFailure, "needs the module a_module_that_nobody_has, which is not installed"):
            function.check(self.given("mine:train"))

    def test_a_changed_source_is_seen_and_is_not_the_deployed_one(self):
        self.write("def train(training):\n    return 1\n")
        deployed = function.source_digest(self.folder, "mine:train")
        function.check(self.given("mine:train", source_digest=deployed))
        self.write("def train(training):\n    return 'two'\n")
        with self.assertRaisesRegex(TrainerFailure, "not the one that was deployed"):
            function.check(self.given("mine:train", source_digest=deployed))
        with self.assertRaisesRegex(TrainerFailure, "gave str"):
            function.fit(self.given("mine:train"))

    def test_the_digest_covers_the_whole_package_and_the_requirements(self):
        self.write("from .inner import train\n", "pack/__init__.py")
        self.write("def train(training):\n    return 1\n", "pack/inner.py")
        digests = [function.source_digest(self.folder, "pack:train")]
        self.write("\n", "pack/inner.py")
        digests.append(function.source_digest(self.folder, "pack:train"))
        self.write("a==1\n", "requirements.txt")
        digests.append(function.source_digest(self.folder, "pack:train"))
        self.write("\n", "other.py")
        self.assertEqual(len(set(digests)), 3)
        self.assertEqual(digests[-1], function.source_digest(self.folder, "pack:train"))

    def test_the_frame_asks_for_pandas_in_the_requirements(self):
        self.write("def train(training):\n    return training.frame()\n")
        with self.assertRaisesRegex(TrainerFailure, "frame.. needs pandas|gave DataFrame"):
            function.fit(self.given("mine:train"))


if __name__ == "__main__":
    unittest.main()
