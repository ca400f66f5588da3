"""A training in a process of its own: what it tells, what ends it, and how its death is told from a mistake."""

import os
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from understudy_trainer.failures import as_application_error
from understudy_trainer.process import TrainingProcess, prepare

from tests import test_training

FUNCTIONS = """
import os, signal, time

def killed(training):
    os.kill(os.getpid(), signal.SIGKILL)

def segfault(training):
    os.kill(os.getpid(), signal.SIGSEGV)

def hungry(training):
    import numpy as np
    held = []
    while True:
        held.append(np.ones(10_000_000))

def keeps_and_dies(training):
    training.checkpoint.save(b"half of it")
    os.kill(os.getpid(), signal.SIGKILL)

def goes_on(training):
    raise ValueError(training.checkpoint.last())

def endless(training):
    training.progress(1, 2, "endless")
    while True:
        pass
"""


class Process(unittest.TestCase):
    def setUp(self):
        self.requests = test_training.Training()
        self.requests.setUp()
        self.addCleanup(self.requests.doCleanups)
        models = tempfile.TemporaryDirectory()
        self.addCleanup(models.cleanup)
        (Path(models.name) / "m").mkdir()
        (Path(models.name) / "m" / "mine.py").write_text(FUNCTIONS)
        environment = mock.patch.dict(os.environ, {"UNDERSTUDY_MODELS": models.name})
        environment.start()
        self.addCleanup(environment.stop)
        prepare()

    def start(self, function=None, **changes):
        if function:
            # The fork server was started with another environment: the folder goes with the request.
            changes.update(trainer="function", function=f"mine:{function}", earlyStoppingDays=0)
            changes["model"] = str(Path(os.environ["UNDERSTUDY_MODELS"]) / "m")
        return TrainingProcess(self.requests.request(**changes), self.requests.artifacts, 1)

    def ended(self, run):
        until = time.monotonic() + 60
        while not run.poll(0.2):
            self.assertLess(time.monotonic(), until)
        run.stop(5)
        return run

    def test_it_gives_what_a_training_gives(self):
        run = self.ended(self.start(params={"n_estimators": 5}, earlyStoppingDays=0))
        self.assertIsNone(run.error)
        self.assertEqual(run.result["iterations"], 5)

    def test_the_mistake_of_an_author_is_one(self):
        error = self.ended(self.start(params={"num_leafs": 5})).error
        self.assertEqual(error.code, "TRAINING_FAILED")
        self.assertIn("num_leafs", str(error))

    def test_a_death_is_no_mistake_and_is_not_tried_for_ever(self):
        for function, sentence, changes in [
            ("killed", "was killed: most likely this machine ran out of memory", {}),
            ("segfault", "crashed in native code .SIGSEGV.; it had told: running mine:segfault", {}),
            ("hungry", "needed more memory than it may have", {"resources": {"memoryMiB": 700}}),
        ]:
            with self.subTest(function):
                error = self.ended(self.start(function, **changes)).error
                self.assertEqual(error.code, "TRAINER_CRASHED")
                self.assertRegex(str(error), sentence)
                self.assertEqual([as_application_error(error, n).non_retryable for n in (1, 2, 3)], [False, False, True])

    def test_what_a_training_kept_is_known_after_its_death_and_the_next_one_goes_on_from_it(self):
        died = self.ended(self.start("keeps_and_dies"))
        self.assertEqual(died.error.code, "TRAINER_CRASHED")
        kept = died.progress["checkpoint"]
        # The function is part of what was asked: to another one it is no state.
        self.assertRegex(str(self.ended(self.start("goes_on", checkpoint=kept)).error), "ValueError: None")
        again = self.ended(self.start("keeps_and_dies", checkpoint=kept))
        self.assertEqual(again.progress["checkpoint"], kept)

    def test_it_ends_a_training_that_does_not_listen(self):
        run = self.start("endless")
        until = time.monotonic() + 60
        while run.progress["message"] != "endless":
            self.assertFalse(run.poll(0.2))
            self.assertLess(time.monotonic(), until)
        started = time.monotonic()
        run.stop(0.5)
        self.assertLess(time.monotonic() - started, 2)

    def test_it_refuses_what_the_machine_does_not_have(self):
        for resources, sentence in [({"cpu": 4096}, "asks for 4096 cores"), ({"gpu": 1}, "use none"), ({"memoryMiB": 10**9}, "MiB")]:
            error = self.ended(self.start(resources=resources)).error
            self.assertEqual(error.code, "TRAINING_FAILED")
            self.assertRegex(str(error), sentence)


if __name__ == "__main__":
    unittest.main()
