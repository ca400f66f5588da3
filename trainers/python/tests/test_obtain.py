"""Libraries that not everybody needs: installed whole or not at all, and a failure names what could not be had."""

import contextlib
import io
import os
import shutil
import sys
import tempfile
import unittest
import uuid
from pathlib import Path
from unittest import mock

from understudy_trainer import obtain
from understudy_trainer.failures import TrainerFailure, as_application_error
from understudy_trainer.obtain import file_is_there, obtain_file


class Obtain(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.requirements = Path(folder.name) / "requirements.txt"
        self.name = f"test-{uuid.uuid4()}"
        self.addCleanup(self.remove)
        offline = mock.patch.dict(os.environ, {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1"})
        offline.start()
        self.addCleanup(offline.stop)

    def found(self):
        return list((Path(sys.prefix) / "understudy-libraries").glob(f"*{self.name}*"))

    def remove(self):
        for folder in self.found():
            shutil.rmtree(folder)
            sys.path[:] = [each for each in sys.path if each != str(folder)]

    def test_a_failure_says_what_could_not_be_installed_and_leaves_nothing(self):
        self.requirements.write_text("a-package-that-nobody-has==1\n")
        with self.assertRaises(TrainerFailure) as raised:
            obtain_file(self.name, self.requirements, lambda _: None)
        told = as_application_error(raised.exception)
        self.assertEqual((told.type, told.non_retryable), ("PYTHON_ENVIRONMENT_FAILED", False))
        self.assertRegex(told.message, r"could not be installed from requirements.txt: .*a-package-that-nobody-has")
        self.assertEqual(self.found(), [])

    def test_what_was_installed_is_not_installed_again_until_it_changes(self):
        told = []
        self.requirements.write_text("# nothing yet\n")
        obtain_file(self.name, self.requirements, told.append)
        obtain_file(self.name, self.requirements, told.append)
        self.assertEqual(told, [f"installing requirements.txt of the model {self.name} (once)"])
        self.assertTrue(file_is_there(self.name, self.requirements))
        self.requirements.write_text("# changed\n")
        self.assertFalse(file_is_there(self.name, self.requirements))

    def test_before_any_training_a_line_says_what_is_installed_or_why_it_is_not(self):
        (self.requirements.parent / f"requirements-{self.name}.txt").write_text("a-package-that-nobody-has==1\n")
        said = io.StringIO()
        with mock.patch.dict(obtain.OPTIONAL, {self.name: ("nobody_has_this",)}), mock.patch.object(obtain, "FOLDER", self.requirements.parent):
            with contextlib.redirect_stdout(said):
                self.assertEqual(obtain.main([self.name]), 1)
                obtain.OPTIONAL[self.name] = ("json",)
                self.assertEqual(obtain.main([self.name]), 0)
        first, second = said.getvalue().splitlines()
        self.assertEqual(first, f"installing the libraries of the trainer {self.name} (about half a minute, once)")
        self.assertRegex(second, "^PYTHON_ENVIRONMENT_FAILED: .* could not be installed .*a-package-that-nobody-has")


if __name__ == "__main__":
    unittest.main()
