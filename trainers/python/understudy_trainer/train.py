"""One training from request to result: read the matrix, fit, make it exact in float32, convert, sample, report.

Invariant: the model text that is stored, the ONNX bytes and the parity sample come from one and the same booster.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, Callable

import lightgbm as lgb

from .artifacts import FileArtifacts
from .failures import TrainerFailure
from .fit import fit, importance_of
from .matrix import read_matrix, sample_for_parity, write_parity
from .model_text import CATEGORICAL, exact_in_float32, sigmoid_of, trees_of
from .onnx_trees import trees_to_onnx
from .params import lightgbm_params

LIBRARIES = ("lightgbm", "numpy", "onnx", "pyarrow", "temporalio")


def train(
    request: dict[str, Any],
    artifacts: FileArtifacts,
    max_threads: int,
    progress: Callable[[int, int, str], None],
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """Does a TrainRequest and gives the TrainResult of src/domain/training.ts."""
    started = time.monotonic()
    peak = _PeakMemory()
    if request["trainer"] != "lightgbm":
        raise TrainerFailure("TRAINING_FAILED", f'The Python trainer has no "{request["trainer"]}"; allowed is lightgbm.')
    threads = min(request["threads"], max_threads)
    params, iterations = lightgbm_params(request["params"], request["seed"], threads)
    columns = json.loads(artifacts.read(request["signature"]))["columns"]
    progress(0, iterations, "reading the training matrix")
    matrix = read_matrix(artifacts.read(request["matrix"]), columns)

    where = "early-stopping days" if request["earlyStoppingDays"] else "training rows"
    fitted = fit(
        matrix,
        columns,
        params,
        iterations,
        (request["earlyStoppingDays"], request["earlyStoppingRounds"]),
        lambda i, of, loss: progress(i, of, f"log loss {loss:.5f} on the {where}"),
        cancelled,
    )

    progress(fitted.iterations, iterations, "converting to ONNX")
    text = exact_in_float32(fitted.text)
    booster = lgb.Booster(model_str=text)
    trees = trees_of(text)
    onnx = trees_to_onnx(trees, len(columns), sigmoid_of(text))
    thresholds = [
        (tree.split_feature[split], tree.threshold[split])
        for tree in trees
        for split, decision in enumerate(tree.decision_type)
        if not decision & CATEGORICAL
    ]
    sample = sample_for_parity(matrix.features, columns, thresholds, request["seed"])
    parity = write_parity(sample, columns, lambda rows: booster.predict(rows, num_threads=threads))
    libraries = {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    report = {
        "trainer": "lightgbm",
        "parameters": {**params, "num_iterations": iterations},
        "earlyStopping": {
            "days": request["earlyStoppingDays"],
            "rounds": request["earlyStoppingRounds"],
            "rows": fitted.early_stopping_rows,
        },
        "rows": len(matrix.labels),
        "bestIteration": fitted.iterations,
        "curve": fitted.curve,
        "importance": importance_of(booster, columns),
        "libraries": libraries,
        "warmStart": "not used: trees are always grown from the start",
    }
    return {
        "onnx": artifacts.put(onnx, "application/onnx"),
        "native": artifacts.put(text.encode(), "text/plain"),
        "parity": artifacts.put(parity, "application/vnd.apache.parquet", len(sample)),
        "report": artifacts.put(json.dumps(report, sort_keys=True).encode(), "application/json"),
        "rows": len(matrix.labels),
        "iterations": fitted.iterations,
        "seconds": round(time.monotonic() - started, 3),
        "peakMemoryMiB": peak.mebibytes(),
        "libraries": libraries,
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
