"""One training from request to result: read the matrix, fit, convert, sample, report.

Invariant: the native model that is stored, the ONNX bytes and the parity sample come from one and the same fitted model.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, Callable

import numpy as np

from .artifacts import FileArtifacts
from .chunks.checkpoints import Checkpoints, key_of
from .environment import MEDIA_TYPE, environment_lock
from .failures import TrainerFailure
from .matrix import read_matrix, sample_for_parity, write_parity
from .obtain import obtain
from .resources import require_resources
from .shap_report import shap_report
from .trainers import NEEDS, trainer_of
from .trainers.contract import Fitted, TrainingInput, require_days
from .weights import hidden_columns, row_weights

LIBRARIES = ("lightgbm", "numpy", "onnx", "pyarrow", "temporalio")


def train(
    request: dict[str, Any],
    artifacts: FileArtifacts,
    max_threads: int,
    progress: Callable[[int, int, str], None],
    cancelled: Callable[[], bool],
    keep: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """
    Does a TrainRequest and gives the TrainResult of src/domain/training/training.ts. `keep` is given the reference of each state that a later attempt
    may go on from, which then is `checkpoint` of its request; None: no state is kept.
    """
    started = time.monotonic()
    request, earlier = {**request}, request.get("checkpoint")
    request.pop("checkpoint", None)
    peak = _PeakMemory()
    name = request["trainer"]
    require_resources(request.get("resources"))
    if name in NEEDS:
        obtain(NEEDS[name], lambda message: progress(0, 0, message))
    trainer = trainer_of(name)
    columns = json.loads(artifacts.read(request["signature"]))["columns"]
    asked = asked_of(request, columns, min(request["threads"], max_threads), progress, cancelled)
    # What cannot be converted is refused before any training, however long that training would take.
    progress(0, 0, "checking that the model can be converted")
    trainer.check(asked)
    progress(0, 0, "reading the training matrix")
    asked, matrix_features = _with_rows(asked, request, artifacts)
    lock = environment_lock(asked.threads)
    if keep is not None:
        key = key_of(request, lock)
        asked = dataclasses.replace(asked, checkpoints=Checkpoints(artifacts, key, earlier, keep))
    fitted = trainer.fit(asked)
    progress(fitted.iterations, fitted.iterations, "converting to ONNX")
    onnx = fitted.to_onnx()
    sample = sample_for_parity(matrix_features, columns, fitted.thresholds, request["seed"])
    parity = write_parity(sample, columns, fitted.predict)
    libraries = {
        "python": platform.python_version(),
        **{library: version(library) for library in (*LIBRARIES, *fitted.libraries)},
        **fitted.facts,
    }
    progress(fitted.iterations, fitted.iterations, "looking at what counts")
    report = {**_report(name, request, asked, fitted, libraries, lock), **shap_report(asked, fitted)}
    return {
        "onnx": artifacts.put(onnx, "application/onnx"),
        "native": artifacts.put(fitted.native, fitted.native_media_type),
        "parity": artifacts.put(parity, "application/vnd.apache.parquet", len(sample)),
        "environment": artifacts.put(lock, MEDIA_TYPE),
        "report": artifacts.put(json.dumps(report, sort_keys=True).encode(), "application/json"),
        "rows": len(asked.labels),
        "iterations": fitted.iterations,
        "seconds": round(time.monotonic() - started, 3),
        "peakMemoryMiB": peak.mebibytes(),
        "libraries": libraries,
    }


def asked_of(
    request: dict[str, Any],
    columns: list[dict[str, Any]],
    threads: int,
    progress: Callable[[int, int, str], None] = lambda *_: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> TrainingInput:
    """What the trainer is asked, still without rows. Fails with TRAINING_FAILED when it names columns that do not exist."""
    monotone = request.get("monotone") or {}
    names = [column["name"] for column in columns]
    unknown = next((name for name in monotone if name not in names), None)
    if unknown is not None:
        raise TrainerFailure("TRAINING_FAILED", f'monotone.{unknown} is no feature of the model; it has {", ".join(names)}.')
    return TrainingInput(
        task=request.get("task", "binary"),
        features=np.empty((0, len(columns)), np.float32),
        labels=np.empty(0),
        days=np.empty(0, np.int32),
        weights=None,
        columns=columns,
        params=request["params"],
        seed=request["seed"],
        threads=threads,
        classes=tuple(request.get("classes") or ()),
        early_stopping_days=request["earlyStoppingDays"],
        early_stopping_rounds=request["earlyStoppingRounds"],
        monotone=[monotone.get(name, 0) for name in names],
        hidden=hidden_columns(request.get("weights"), columns),
        progress=progress,
        cancelled=cancelled,
        estimator=request.get("estimator"),
        function=request.get("function"),
        checkpoint_every=request.get("checkpointEvery"),
        source_digest=request.get("functionDigest"),
        starts=request.get("startFrom") is not None,
        folder=str(models_folder() / (request.get("folder") or request["model"])),
    )


def models_folder() -> Path:
    """UNDERSTUDY_MODELS, else the folder `models` of the checkout that this package lies in."""
    return Path(os.environ.get("UNDERSTUDY_MODELS") or Path(__file__).resolve().parents[3] / "models")


def _with_rows(asked: TrainingInput, request: dict[str, Any], artifacts: FileArtifacts) -> tuple[TrainingInput, np.ndarray]:
    """The input with its rows, and the features as they are in the matrix, with the column of weights."""
    matrix = read_matrix(artifacts.read(request["matrix"]), asked.columns, asked.task, len(asked.classes))
    asked = dataclasses.replace(asked, labels=matrix.labels, days=matrix.days)
    require_days(asked)
    weights = row_weights(
        request.get("weights"), matrix.features, matrix.labels, asked.hidden, ~asked.late, asked.classes, matrix.weights
    )
    features = matrix.features
    if asked.hidden:
        features = features.copy()
        features[:, sorted(asked.hidden)] = 0
    start = request.get("startFrom")
    parent = start["native"] if start else request.get("warmStart")
    return (
        dataclasses.replace(
            asked,
            features=features,
            weights=weights,
            parent=artifacts.read(parent) if parent and request["trainer"] == "function" else None,
            start=artifacts.read(start["native"]) if start else None,
        ),
        matrix.features,
    )


def _report(
    name: str, request: dict[str, Any], asked: TrainingInput, fitted: Fitted, libraries: dict[str, str], lock: bytes
) -> dict[str, Any]:
    return {
        "trainer": name,
        "parameters": fitted.parameters,
        "earlyStopping": {
            "days": request["earlyStoppingDays"],
            "rounds": request["earlyStoppingRounds"],
            "rows": int(asked.late.sum()),
        },
        "rows": len(asked.labels),
        "weights": request.get("weights"),
        "monotone": request.get("monotone"),
        "bestIteration": fitted.iterations,
        "curve": fitted.curve,
        "importance": fitted.importance,
        "libraries": libraries,
        "environment": [f"{package}=={found}" for package, found in sorted(json.loads(lock)["packages"].items())],
        "startFrom": request.get("startFrom"),
        "warmStart": "given to the function" if asked.parent else "not used: trees are always grown from the start",
    }


class _PeakMemory:
    """The highest resident memory of the process since this was made (Linux), else since the process started."""

    def __init__(self) -> None:
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            pass

    def mebibytes(self) -> float:
        try:
            status = Path("/proc/self/status").read_text()
            kibibytes = int(status.split("VmHWM:")[1].split()[0])
        except (OSError, IndexError):
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            kibibytes = peak // 1024 if sys.platform == "darwin" else peak
        return round(kibibytes / 1024, 1)
