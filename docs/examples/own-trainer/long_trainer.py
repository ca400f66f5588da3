"""A function that trains for long, and goes on where it was when its process dies; docs/trainers.md explains it, and the tests run it.

Logistic regression on the numeric columns by stochastic gradient descent. What the next epoch depends on is saved after each: the weights
and the generator of random numbers. So a training that was interrupted gives the same bytes as one that was not.
"""

import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from understudy_trainer.author import TrainedModel, Training


def train(training: Training) -> TrainedModel:
    columns = [i for i, column in enumerate(training.columns) if column["kind"] == "number"]
    numbers = training.features[:, columns].astype(np.float64)
    mean, spread = np.nanmean(numbers, axis=0), np.nanstd(numbers, axis=0) + 1e-9
    rows = np.nan_to_num((numbers - mean) / spread)
    epochs = training.params.get("epochs", 20)

    random = np.random.default_rng(training.seed)
    weights, bias, epoch = np.zeros(len(columns)), 0.0, 0
    saved = training.checkpoint.last()
    if saved is not None:
        state = json.loads(saved)
        weights, bias, epoch = np.array(state["weights"]), state["bias"], state["epoch"]
        random.bit_generator.state = state["random"]

    while epoch < epochs:
        for batch in np.array_split(random.permutation(len(rows)), max(1, len(rows) // 256)):
            error = _sigmoid(rows[batch] @ weights + bias) - training.labels[batch]
            weights = weights - 0.1 * error @ rows[batch] / len(batch)
            bias = bias - 0.1 * float(error.mean())
        epoch += 1
        training.progress(epoch, epochs, f"epoch {epoch} of {epochs}")
        state = {"weights": weights.tolist(), "bias": bias, "epoch": epoch, "random": random.bit_generator.state}
        training.checkpoint.save(json.dumps(state).encode())

    def predict(features: np.ndarray) -> np.ndarray:
        return _sigmoid(np.nan_to_num((features[:, columns] - mean) / spread) @ weights + bias)

    return TrainedModel(
        onnx=_graph(np.array(columns), mean, spread, weights, bias, len(training.columns)),
        predict=predict,
        native=json.dumps({"columns": columns, "weights": weights.tolist(), "bias": bias}).encode(),
        iterations=epochs,
    )


def _sigmoid(score: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-score))


def _graph(columns: np.ndarray, mean: np.ndarray, spread: np.ndarray, weights: np.ndarray, bias: float, width: int) -> bytes:
    """features -> label, probabilities; a missing number counts as the mean, which is 0 once it is scaled."""
    constants = {
        "columns": columns,
        "mean": mean.astype(np.float32),
        "spread": spread.astype(np.float32),
        "weights": weights.astype(np.float32).reshape(-1, 1),
        "bias": np.array([bias], np.float32),
        "zero": np.array(0, np.float32),
        "half": np.array(0.5, np.float32),
        "axis": np.array([1]),
    }
    nodes = [
        helper.make_node("Gather", ["features", "columns"], ["numbers"], axis=1),
        helper.make_node("Sub", ["numbers", "mean"], ["moved"]),
        helper.make_node("Div", ["moved", "spread"], ["scaled"]),
        helper.make_node("IsNaN", ["scaled"], ["missing"]),
        helper.make_node("Where", ["missing", "zero", "scaled"], ["rows"]),
        helper.make_node("MatMul", ["rows", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["positive"]),
        helper.make_node("Neg", ["score"], ["minus_score"]),
        helper.make_node("Sigmoid", ["minus_score"], ["negative"]),
        helper.make_node("Concat", ["negative", "positive"], ["probabilities"], axis=1),
        helper.make_node("Greater", ["positive", "half"], ["above_half"]),
        helper.make_node("Squeeze", ["above_half", "axis"], ["is_positive"]),
        helper.make_node("Cast", ["is_positive"], ["label"], to=TensorProto.INT64),
    ]
    graph = helper.make_graph(
        nodes,
        "long",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", width])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString(deterministic=True)
