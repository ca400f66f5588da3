"""Converts a fitted scikit-learn classifier or regressor to an ONNX graph with the tensors of src/domain/training/training.ts, by skl2onnx.

Invariant: no maps in the output; the shapes are those of the task; what skl2onnx does not know is refused in one sentence.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, checker, helper, load_from_string
from onnx.reference import ReferenceEvaluator

from .onnx_names import name_by_position
from .onnx_trees import output_infos
from ..tasks import REGRESSION, TOLERANCE, differences, outputs_of, predictions_of
from ..trainers.contract import refused

OPSETS = {"": 17, "ai.onnx.ml": 3}
IR_VERSION = 8


def estimator_to_onnx(estimator: Any, columns: int, named: str, task: str = "binary", classes: int = 0) -> bytes:
    """The graph's bytes. Fails with TRAINING_FAILED, naming the estimator, when there is no converter for it."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType

    types = {"float32": FloatTensorType, "int64": Int64TensorType}
    outputs = [(name, types[kind]([None, *shape[1:]])) for name, (kind, shape) in outputs_of(task, classes).items()]
    final = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = convert_sklearn(
                estimator,
                "sklearn",
                [("features", FloatTensorType([None, columns]))],
                options={} if task == REGRESSION else {id(final): {"zipmap": False}},
                target_opset=OPSETS,
                final_types=outputs,
            )
    except Exception as error:  # noqa: BLE001 (converters fail in many ways, none of them is the user's to read)
        raise cannot_be_converted(named, _reason(error), task) from error
    return _with_our_shapes(model, columns, output_infos(task, classes))


def cannot_be_converted(named: str, reason: str, task: str = "binary") -> Exception:
    """The refusal of an estimator: its name, why, and what is allowed."""
    first, kind = ("linear", "regressor") if task == REGRESSION else ("logistic", "classifier")
    return refused(
        f"The estimator {named} cannot be converted to ONNX ({reason}); allowed are {first}, random-forest, gradient-boosting, "
        f"and the dotted path of a {kind} that skl2onnx converts. For gradient boosting by histograms use lightgbm or xgboost.",
        estimator=named,
    )


def require_same(content: bytes, predict: Any, rows: np.ndarray, named: str, task: str = "binary") -> None:
    """Fails with TRAINING_FAILED when the graph does not give the estimator's predictions for these rows."""
    try:
        outputs = ReferenceEvaluator(load_from_string(content)).run(None, {"features": rows})
    except Exception as error:  # noqa: BLE001 (an operator that only some runtimes know)
        raise cannot_be_converted(named, _reason(error), task) from error
    difference = differences(task, predictions_of(task, outputs), predict(rows))
    if not difference <= TOLERANCE:
        raise cannot_be_converted(named, f"its converted form differs by {difference:.2g} from it, allowed is {TOLERANCE:g}", task)


def _with_our_shapes(model: ModelProto, columns: int, outputs: list[ValueInfoProto]) -> bytes:
    del model.graph.input[:], model.graph.output[:]
    model.graph.input.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", columns]))
    model.graph.output.extend(outputs)
    name_by_position(model.graph)
    # skl2onnx takes them from a set: their order would depend on the process.
    imports = sorted((each.domain, each.version) for each in model.opset_import)
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(*each) for each in imports)
    model.producer_name, model.producer_version = "understudy-trainer", "1"
    model.domain, model.doc_string, model.ir_version = "", "", IR_VERSION
    checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()
    first = text[0].strip() if text else type(error).__name__
    if "shape calculator" in first or "converter" in first.lower():
        return "skl2onnx has no converter for it"
    if first.startswith("Unable to create node"):
        return "skl2onnx's converter does not know this release of it"
    return first[:200].rstrip(". ")
