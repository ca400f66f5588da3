"""Trains with a user's own function, imported from the model's folder, and holds its result to the contract of every trainer.

Invariant: the digest of the function's source is recorded with the version; a source that differs from the deployed one is refused.
"""

from __future__ import annotations

import hashlib
import io
import importlib
import re
import sys
import traceback
from pathlib import Path
from typing import Any, Callable

import numpy as np
from onnx import TensorProto, checker, load_from_string

from ..author import TrainedModel, Training
from ..failures import TrainerFailure, TrainingCancelled
from ..obtain import OPTIONAL, file_is_there, is_there, obtain, obtain_file
from ..tasks import REGRESSION, described, outputs_of
from .contract import Fitted, TrainingInput, refused, require_labels

REQUIREMENTS = "requirements.txt"
TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}


def check(asked: TrainingInput) -> None:
    _function(asked)


def fit(asked: TrainingInput) -> Fitted:
    require_labels(asked)
    function = _function(asked)
    asked.progress(0, 1, f"running {asked.function}")
    result = _run(asked, function)
    if isinstance(result, TrainedModel):
        model, libraries = result, tuple(result.libraries)
    elif hasattr(result, "predict" if asked.task == REGRESSION else "predict_proba"):
        model, libraries = _of_estimator(asked, result), ("scikit-learn", "skl2onnx")
    else:
        found = type(result).__name__
        raise refused(f"{asked.function} gave {found}; allowed is a TrainedModel or a fitted scikit-learn {'regressor' if asked.task == REGRESSION else 'classifier'}.")
    _require_our_tensors(asked, model.onnx)
    return Fitted(
        native=model.onnx if model.native is None else model.native,
        native_media_type="application/octet-stream",
        to_onnx=lambda: model.onnx,
        predict=lambda rows: _predicted(asked, model, rows),
        iterations=max(int(model.iterations), 1),
        curve=[dict(point) for point in model.curve],
        importance=dict(model.importance),
        parameters=dict(asked.params),
        libraries=libraries,
        facts={f"function {asked.function}": f"sha256 {source_digest(_folder(asked), asked.function or '')}"},
    )


def source_digest(folder: Path, path: str) -> str:
    """
    SHA-256 over the Python files of the function's top-level module or package and the model's requirements.txt, each as its path, a
    zero byte, its content, a zero byte, in the order of their paths. src/definition/contenders/function-source.ts computes the same.
    """
    digest = hashlib.sha256()
    for name, file in _source(folder, path):
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def unmet(asked: TrainingInput) -> str | None:
    """What would have to be installed before the function can be imported; None: nothing."""
    folder = _folder(asked)
    if (folder / REQUIREMENTS).is_file() and not file_is_there(folder.name, folder / REQUIREMENTS):
        return f"the libraries in {folder.name}/{REQUIREMENTS}"
    return next((f"the libraries of the trainer {name}" for name in _optional(asked) if not is_there(name)), None)


def _source(folder: Path, path: str) -> list[tuple[str, Path]]:
    top = path.partition(":")[0].partition(".")[0]
    files = [folder / f"{top}.py", folder / REQUIREMENTS, *(folder / top).rglob("*.py")]
    return sorted((file.relative_to(folder).as_posix(), file) for file in files if file.is_file())


def _optional(asked: TrainingInput) -> list[str]:
    """Optional libraries that the source imports, wherever in it: those need no line in the model's requirements.txt."""
    text = "\n".join(file.read_text() for _, file in _source(_folder(asked), asked.function or ""))
    imported = set(re.findall(r"^\s*(?:import|from)\s+(\w+)", text, re.M))
    return [name for name, modules in OPTIONAL.items() if imported & set(modules)]


def _folder(asked: TrainingInput) -> Path:
    return Path(asked.folder or ".")


def _function(asked: TrainingInput) -> Callable[[Training], Any]:
    """Imports it anew, so that a changed file counts. Fails with TRAINING_FAILED, or PYTHON_ENVIRONMENT_FAILED when a library is missing."""
    path, folder = asked.function or "", _folder(asked)
    module, _, name = path.partition(":")
    if not module or not name:
        raise refused(f'function is "{path}"; allowed is a module and a function in it, such as my_module:train.')
    if not folder.is_dir():
        raise refused(f"The folder {folder} of the function {path} is not on this machine; UNDERSTUDY_MODELS says where models are.")
    found = source_digest(folder, path)
    if asked.source_digest not in (None, found):
        raise refused(f"The source of {path} in {folder} is not the one that was deployed; run: npx understudy deploy {folder.name}")
    for libraries in _optional(asked):
        obtain(libraries, lambda message: asked.progress(0, 0, message))
    if (folder / REQUIREMENTS).is_file():
        obtain_file(folder.name, folder / REQUIREMENTS, lambda message: asked.progress(0, 0, message))
    _import_from(str(folder))
    function = getattr(_imported(asked, module), name, None)
    if not callable(function):
        raise refused(f"The module {module} has no function {name}.")
    return function


_folders: list[str] = []


def _import_from(folder: str) -> None:
    """Modules of models that were looked at earlier are forgotten: two models may use one name, and a file may have changed."""
    for earlier in [*_folders, folder]:
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(f"{earlier}/"):
                del sys.modules[name]
        sys.path[:] = [each for each in sys.path if each != earlier]
    _folders[:] = [folder]
    sys.path.insert(0, folder)
    importlib.invalidate_caches()


def _imported(asked: TrainingInput, module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == module.partition(".")[0]:
            raise refused(f"There is no module {module} in {asked.folder}.") from error
        raise refused(
            f"{asked.function} needs the module {error.name}, which is not installed; "
            f"write it with its version into {_folder(asked) / REQUIREMENTS}."
        ) from error
    except Exception as error:  # noqa: BLE001 (the author's code may fail in any way)
        raise _author_failed(asked, error) from error


def _run(asked: TrainingInput, function: Callable[[Training], Any]) -> Any:
    given = Training(
        features=asked.features,
        labels=asked.labels,
        days=asked.days,
        weights=asked.weights,
        columns=asked.columns,
        late=asked.late,
        early_stopping_rounds=asked.early_stopping_rounds,
        params=asked.params,
        seed=asked.seed,
        threads=asked.threads,
        monotone=asked.monotone,
        parent=asked.parent,
        progress=asked.progress,
        cancelled=asked.cancelled,
        checkpoint=asked.checkpoints,
        task=asked.task,
        classes=asked.classes,
    )
    try:
        return function(given)
    except (TrainerFailure, TrainingCancelled, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 (the author's code may fail in any way)
        raise _author_failed(asked, error) from error


def _author_failed(asked: TrainingInput, error: Exception) -> TrainerFailure:
    """Names the author's own line, not one of a library's."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(_folder(asked)))]
    at = f" ({Path(frames[-1].filename).relative_to(_folder(asked))}:{frames[-1].lineno})" if frames else ""
    text = (str(error).strip().splitlines() or ["no message"])[0].rstrip(". ")
    return refused(f"{asked.function} failed{at}: {type(error).__name__}: {text}.")


def _of_estimator(asked: TrainingInput, estimator: Any) -> TrainedModel:
    from ..conversion.onnx_sklearn import estimator_to_onnx

    def predict(rows: np.ndarray) -> np.ndarray:
        if asked.task == REGRESSION:
            return np.ravel(estimator.predict(rows))
        found = estimator.predict_proba(rows)
        return found if asked.classes else found[:, 1]

    obtain("sklearn", lambda message: asked.progress(0, 0, message))
    named = type(estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator).__name__
    return TrainedModel(
        onnx=estimator_to_onnx(estimator, len(asked.columns), named, asked.task, len(asked.classes)),
        predict=predict,
        native=_pickled(estimator),
    )


def _pickled(estimator: Any) -> bytes:
    """
    By value: an estimator that came back from a checkpoint no longer shares the objects (the names of a dtype, say) that one made in one go
    shares, and a pickle remembers which are shared. What refers to itself can only be pickled as it is.
    """
    import pickle

    def dumped(fast: bool) -> bytes:
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, protocol=5)
        pickler.fast = fast
        pickler.dump(estimator)
        return buffer.getvalue()

    try:
        return dumped(fast=True)
    except (RecursionError, ValueError):
        return dumped(fast=False)


def _require_our_tensors(asked: TrainingInput, content: bytes) -> None:
    wanted = f"features float32 [batch, {len(asked.columns)}] to {described(asked.task, len(asked.classes))}"
    try:
        model = load_from_string(content)
        checker.check_model(model)
    except Exception as error:  # noqa: BLE001 (whatever the bytes are)
        raise refused(f"{asked.function} gave bytes that are no ONNX model; allowed is {wanted}.") from error
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    outputs = {value.name: value.type.tensor_type for value in model.graph.output}
    expected = outputs_of(asked.task, len(asked.classes))
    fits = (
        [value.name for value in inputs] == ["features"]
        and inputs[0].type.tensor_type.elem_type == TensorProto.FLOAT
        and len(inputs[0].type.tensor_type.shape.dim) == 2
        and inputs[0].type.tensor_type.shape.dim[1].dim_value == len(asked.columns)
        and set(outputs) == set(expected)
        and all(
            (outputs[name].elem_type, len(outputs[name].shape.dim)) == (TYPES[kind], len(shape))
            for name, (kind, shape) in expected.items()
        )
    )
    if not fits:
        found = f"{', '.join(value.name for value in inputs)} to {', '.join(outputs)}"
        raise refused(f"{asked.function} gave an ONNX model of {found} with other names, types or shapes; allowed is {wanted}.")


def _predicted(asked: TrainingInput, model: TrainedModel, rows: np.ndarray) -> np.ndarray:
    try:
        found = np.asarray(model.predict(rows), np.float64)
    except Exception as error:  # noqa: BLE001 (the author's code may fail in any way)
        raise _author_failed(asked, error) from error
    allowed = (len(rows), len(asked.classes)) if asked.classes else (len(rows),)
    if found.shape != allowed:
        raise refused(f"predict of {asked.function} gave an array of shape {list(found.shape)}; allowed is {list(allowed)}.")
    return found
