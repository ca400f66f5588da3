"""Reads a training matrix and writes a parity sample; both are Parquet with the signature's columns as float32.

Invariant: a missing value is NaN here, whatever the file's way to say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .failures import TrainerFailure
from .tasks import BINARY, label_problem

SAMPLE_ROWS = 1000
#: Rows of the sample that get a value exactly on a threshold, where a converter's mistake would show.
THRESHOLD_ROWS = 200


@dataclass(frozen=True)
class Matrix:
    features: np.ndarray
    labels: np.ndarray
    days: np.ndarray
    #: How much each row counts; None: all the same.
    weights: np.ndarray | None = None


def read_matrix(content: bytes, columns: list[dict[str, Any]], task: str = BINARY, classes: int = 0) -> Matrix:
    """The rows of a Parquet file, columns in the signature's order. Fails with TRAINING_FAILED when one is missing."""
    names = ["__day", "__label", *(column["name"] for column in columns)]
    file = pq.ParquetFile(pa.BufferReader(content))
    absent = [name for name in names if name not in file.schema_arrow.names]
    if absent:
        raise TrainerFailure("TRAINING_FAILED", f"The training matrix has no column {absent[0]}; it has {file.schema_arrow.names}.")
    weighted = "__weight" in file.schema_arrow.names
    table = file.read(columns=[*names, *(["__weight"] if weighted else [])])
    features = np.empty((table.num_rows, len(columns)), np.float32)
    for index, column in enumerate(columns):
        features[:, index] = table.column(column["name"]).cast(pa.float32()).to_numpy()
    labels = table.column("__label").cast(pa.float64()).to_numpy()
    wrong = label_problem(task, classes, labels)
    if wrong is not None:
        raise TrainerFailure("TRAINING_FAILED", wrong)
    weights = table.column("__weight").cast(pa.float64()).to_numpy() if weighted else None
    return Matrix(features, labels, table.column("__day").cast(pa.int32()).to_numpy(), weights)


def sample_for_parity(
    features: np.ndarray, columns: list[dict[str, Any]], thresholds: list[tuple[int, float]], seed: int
) -> np.ndarray:
    """At least 1,000 training rows (or all), and the rows on which converters go wrong: missing, unseen, on a threshold."""
    random = np.random.default_rng(seed)
    chosen = np.sort(random.choice(len(features), min(len(features), SAMPLE_ROWS), replace=False))
    width = len(columns)
    one_missing = np.repeat(features[chosen[:1]], width, axis=0)
    np.fill_diagonal(one_missing, np.nan)
    categories = [index for index, column in enumerate(columns) if column["kind"] == "category"]
    unseen = np.repeat(features[chosen[:1]], 2 * len(categories), axis=0)
    for row, index in enumerate(categories):
        unseen[2 * row, index] = len(columns[index]["categories"]) + 1000
        unseen[2 * row + 1, index] = -1
    picked = random.choice(len(thresholds), min(len(thresholds), THRESHOLD_ROWS), replace=False) if thresholds else []
    on_threshold = features[random.choice(chosen, len(picked))]
    for row, index in enumerate(picked):
        column, value = thresholds[index]
        on_threshold[row, column] = value
    return np.concatenate([features[chosen], np.full((1, width), np.nan, np.float32), one_missing, unseen, on_threshold])


def write_parity(
    rows: np.ndarray, columns: list[dict[str, Any]], predict: Callable[[np.ndarray], np.ndarray]
) -> bytes:
    """The sample with the native model's prediction of each row as `__native`; with several a row, as `__native_0` and on."""
    arrays = [pa.array(np.ascontiguousarray(rows[:, index])) for index in range(len(columns))]
    names = [column["name"] for column in columns]
    found = np.asarray(predict(rows), np.float64)
    native = {"__native": found} if found.ndim == 1 else {f"__native_{k}": found[:, k] for k in range(found.shape[1])}
    predicted = [pa.array(np.ascontiguousarray(each), pa.float64()) for each in native.values()]
    table = pa.Table.from_arrays([*arrays, *predicted], [*names, *native])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()
