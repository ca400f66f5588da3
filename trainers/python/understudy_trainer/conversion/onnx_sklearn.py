"""Converts a fitted scikit-learn classifier to an ONNX graph with the tensors of src/domain/training.ts, by skl2onnx.

Invariant: no maps in the output; the shapes are [batch] and [batch, 2]; what skl2onnx does not know is refused in one sentence.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, checker, helper, load_from_string
from onnx.reference import ReferenceEvaluator

from .onnx_names import name_by_position
from ..trainers.contract import refused

OPSETS = {"": 17, "ai.onnx.ml": 3}
IR_VERSION = 8
#: The gate of src/scoring/parity.ts.
TOLERANCE = 1e-5


def classifier_to_onnx(classifier: Any, columns: int, named: str) -> bytes:
    """The graph's bytes. Fails with TRAINING_FAILED, naming the estimator, when there is no converter for it."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType

    final = classifier.steps[-1][1] if hasattr(classifier, "steps") else classifier
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = convert_sklearn(
                classifier,
                "sklearn",
                [("features", FloatTensorType([None, columns]))],
                options={id(final): {"zipmap": False}},
                target_opset=OPSETS,
                final_types=[("label", Int64TensorType([None])), ("probabilities", FloatTensorType([None, 2]))],
            )
    except Exception as error:  # noqa: BLE001 (converters fail in many ways, none of them is the user's to read)
        raise cannot_be_converted(named, _reason(error)) from error
    return _with_our_shapes(model, columns)


def cannot_be_converted(named: str, reason: str) -> Exception:
    """The refusal of an estimator: its name, why, and what is allowed."""
    return refused(
        f"The estimator {named} cannot be converted to ONNX ({reason}); allowed are logistic, random-forest, gradient-boosting, "
        "and the dotted path of a classifier that skl2onnx converts. For gradient boosting by histograms use lightgbm or xgboost.",
        estimator=named,
    )


def require_same(content: bytes, predict: Any, rows: np.ndarray, named: str) -> None:
    """Fails with TRAINING_FAILED when the graph does not give the classifier's probabilities for these rows."""
    try:
        _, probabilities = ReferenceEvaluator(load_from_string(content)).run(None, {"features": rows})
    except Exception as error:  # noqa: BLE001 (an operator that only some runtimes know)
        raise cannot_be_converted(named, _reason(error)) from error
    difference = float(np.abs(probabilities[:, 1] - predict(rows)).max())
    if not difference <= TOLERANCE:
        raise cannot_be_converted(named, f"its converted form differs by {difference:.2g} from it, allowed is {TOLERANCE:g}")


def _with_our_shapes(model: ModelProto, columns: int) -> bytes:
    float32, int64 = TensorProto.FLOAT, TensorProto.INT64
    del model.graph.input[:], model.graph.output[:]
    model.graph.input.append(helper.make_tensor_value_info("features", float32, ["batch", columns]))
    model.graph.output.append(helper.make_tensor_value_info("label", int64, ["batch"]))
    model.graph.output.append(helper.make_tensor_value_info("probabilities", float32, ["batch", 2]))
    name_by_position(model.graph)
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
