"""Obtains the libraries of a trainer that not everybody needs, once, when a contender first asks for them.

Invariant: a folder of libraries is complete; it is installed under another name, and only then renamed. What the environment can
import already is used as it is, so an environment of the user's own making needs no installer.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Callable

from .failures import TrainerFailure

#: Trainer -> the modules that it imports. Their pinned versions are in requirements-<trainer>.txt beside this package.
OPTIONAL = {"xgboost": ("xgboost",), "sklearn": ("sklearn", "skl2onnx"), "optuna": ("optuna",)}
INSTALL_SECONDS = 15 * 60
FOLDER = Path(__file__).resolve().parent.parent


def is_there(name: str) -> bool:
    """Whether the libraries of a trainer (or of tuning: `optuna`) can be imported, in the environment or as obtained earlier."""
    _importable(_folder(name, _requirements(name)))
    return all(importlib.util.find_spec(module) is not None for module in OPTIONAL[name])


def obtain(name: str, tell: Callable[[str], None]) -> None:
    """Makes the libraries importable, installing them if need be. Fails with PYTHON_ENVIRONMENT_FAILED and the installer's last words."""
    if is_there(name):
        return
    tell(f"installing the libraries of the trainer {name} (about half a minute, once)")
    # All that they need is in the environment, and two versions of numpy would not do.
    _install(f"the trainer {name}", _requirements(name), _folder(name, _requirements(name)), ["--no-deps"])
    if not is_there(name):
        raise _failed(f"the trainer {name}", _requirements(name), "the installer ended well, and yet they cannot be imported")


def main(names: list[str]) -> int:
    """`python -m understudy_trainer obtain NAME...`: installs what is not there, a line for each; 1 when something could not be had."""
    # Leaves by an exception, so that the installer ends too and its folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    code = 0
    for name in names:
        try:
            obtain(name, lambda message: print(message, flush=True))
        except TrainerFailure as failure:
            print(f"{failure.code}: {failure}", flush=True)
            code = 1
    return code


def file_is_there(name: str, requirements: Path) -> bool:
    """Whether what a model's own requirements.txt names has been obtained."""
    _importable(_folder(name, requirements))
    return _folder(name, requirements).is_dir()


def obtain_file(name: str, requirements: Path, tell: Callable[[str], None]) -> None:
    """The libraries of a model's own requirements.txt, whose versions of what the environment has already are the environment's."""
    if file_is_there(name, requirements):
        return
    tell(f"installing {requirements.name} of the model {name} (once)")
    _install(f"the model {name}", requirements, _folder(name, requirements), ["--constraint", str(FOLDER / "requirements.txt")])
    _importable(_folder(name, requirements))


def _importable(folder: Path) -> None:
    """Last on the path: what the environment has goes first."""
    if folder.is_dir() and str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()


def _install(what: str, requirements: Path, folder: Path, options: list[str]) -> None:
    fresh = folder.with_name(f".{folder.name}-{uuid.uuid4()}")
    try:
        fresh.mkdir(parents=True)
        done = subprocess.run(
            [*_installer(), *options, "--target", str(fresh), "-r", str(requirements)],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
            errors = [line for line in said if line.lower().startswith("error")]
            raise _failed(what, requirements, (errors or said)[-1])
        try:
            fresh.rename(folder)
        except OSError:
            # Another process was faster: its folder is the same.
            if not folder.is_dir():
                raise
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(what, requirements, str(error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _installer() -> list[str]:
    """pip, or uv where an environment was made without pip."""
    uv = shutil.which("uv")
    if importlib.util.find_spec("pip") is None and uv is not None:
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def _requirements(name: str) -> Path:
    return FOLDER / f"requirements-{name}.txt"


def _folder(name: str, requirements: Path) -> Path:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    return Path(sys.prefix) / "understudy-libraries" / f"{name}-{digest}"


def _failed(what: str, requirements: Path, reason: str) -> TrainerFailure:
    return TrainerFailure(
        "PYTHON_ENVIRONMENT_FAILED",
        f"The libraries of {what} are not in {sys.prefix} and could not be installed from {requirements.name}: {reason}.",
    )
