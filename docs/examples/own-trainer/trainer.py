"""Two ways to bring an own trainer; docs/trainers.md explains them, and the tests run them.

`train` gives a scikit-learn classifier, which is converted for it. `train_rates` makes its model and its ONNX graph itself.
"""

import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from understudy_trainer.author import TrainedModel, Training


def train(training: Training):
    """Naive Bayes on scaled numbers; whatever scikit-learn and skl2onnx know can stand here."""
    from sklearn.impute import SimpleImputer
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    training.progress(0, 1, f"naive Bayes on {len(training.labels)} rows")
    model = make_pipeline(SimpleImputer(), StandardScaler(), GaussianNB(var_smoothing=training.params.get("smoothing", 1e-3)))
    return model.fit(training.features, training.labels.astype(int))


def train_rates(training: Training) -> TrainedModel:
    """The smoothed rate of each category of one column: a lookup table, in numpy and in ONNX."""
    name = training.params["column"]
    position = next(i for i, column in enumerate(training.columns) if column["name"] == name)
    count = len(training.columns[position]["categories"])
    weights = np.ones(len(training.labels)) if training.weights is None else training.weights
    overall = np.average(training.labels, weights=weights)

    rates = np.full(count + 1, overall, np.float32)  # the last one is for missing and unknown categories
    for code in range(count):
        training.progress(code + 1, count, f"category {code + 1} of {count}")
        rows = training.features[:, position] == code
        prior = training.params.get("prior", 20)
        rates[code] = (weights[rows] @ training.labels[rows] + prior * overall) / (weights[rows].sum() + prior)

    def predict(features: np.ndarray) -> np.ndarray:
        codes = features[:, position]
        known = (codes >= 0) & (codes < count)
        return rates[np.where(known, codes, count).astype(int)]

    return TrainedModel(
        onnx=_graph(rates, position, len(training.columns)),
        predict=predict,
        native=json.dumps({"column": name, "rates": rates.tolist()}).encode(),
        importance={name: float(rates.std())},
    )


def _graph(rates: np.ndarray, position: int, columns: int) -> bytes:
    """features -> label, probabilities: the names, types and shapes that every trainer has to give."""
    table = np.column_stack([1 - rates, rates]).astype(np.float32)
    constants = {
        "table": table,
        "position": np.array(position),
        "zero": np.array(0, np.float32),
        "last": np.array(len(rates) - 1, np.float32),
        "half": np.array(0.5, np.float32),
        "one": np.array(1),
    }
    nodes = [
        helper.make_node("Gather", ["features", "position"], ["codes"], axis=1),
        # A missing value is NaN, for which no comparison holds: it goes to the last row of the table, like an unknown category.
        helper.make_node("GreaterOrEqual", ["codes", "zero"], ["not_below"]),
        helper.make_node("Less", ["codes", "last"], ["not_above"]),
        helper.make_node("And", ["not_below", "not_above"], ["known"]),
        helper.make_node("Where", ["known", "codes", "last"], ["row"]),
        helper.make_node("Cast", ["row"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "index"], ["probabilities"], axis=0),
        helper.make_node("Gather", ["probabilities", "one"], ["positive"], axis=1),
        helper.make_node("Greater", ["positive", "half"], ["is_positive"]),
        helper.make_node("Cast", ["is_positive"], ["label"], to=TensorProto.INT64),
    ]
    graph = helper.make_graph(
        nodes,
        "rates",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", columns])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString(deterministic=True)
