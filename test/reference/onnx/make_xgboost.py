"""Makes `xgboost_binary_flights`: a model of XGBoost, converted by onnxmltools, with inputs and what onnxruntime and XGBoost give for them.

Nothing of this repository takes part. In an environment of its own:
`pip install xgboost-cpu==3.2.0 onnxmltools==1.16.0 skl2onnx==1.20.0 onnx==1.19.1 onnxruntime==1.31.1 pandas==3.1.1`, then
`python make_xgboost.py <folder with flights/flights-2013-01.csv.gz and weather.csv.gz>`.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import xgboost
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

HERE = Path(__file__).resolve().parent / "xgboost_binary_flights"
NUMBERS = ["month", "hour", "minute", "distance", "temp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
CODES = ["carrier", "origin", "dest"]
ROWS = 400


def main(data: Path) -> None:
    flights = pd.concat(pd.read_csv(path) for path in sorted((data / "flights").glob("flights-2013-0[1-2].csv.gz")))
    flights = flights[flights.arr_delay.notna()]
    table = flights.merge(pd.read_csv(data / "weather.csv.gz").drop(columns=["year", "month", "day", "hour"]), on=["origin", "time_hour"], how="left")
    # onnxmltools has no native categories of XGBoost: codes are numbers here.
    for name in CODES:
        table[name] = table[name].astype("category").cat.codes
    features = table[NUMBERS + CODES].to_numpy(np.float32)
    labels = (table.arr_delay >= 15).to_numpy(int)
    model = xgboost.XGBClassifier(n_estimators=40, max_depth=5, learning_rate=0.2, subsample=0.8, random_state=7, n_jobs=1)
    model.fit(features, labels)
    graph = convert_xgboost(model, initial_types=[("input", FloatTensorType([None, features.shape[1]]))], target_opset=15)

    random = np.random.default_rng(7)
    rows = features[np.sort(random.choice(len(features), ROWS, replace=False))]
    # Holes in every column, also where training had none, and a row without any value.
    rows[:100][random.random((100, rows.shape[1])) < 0.3] = np.nan
    rows[0] = np.nan
    content = graph.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(None, {"input": rows})
    native = model.predict_proba(rows)[:, 1]
    HERE.mkdir(exist_ok=True)
    (HERE / "model.onnx").write_bytes(content)
    frame = pd.DataFrame(rows, columns=NUMBERS + CODES)
    frame.to_csv(HERE / "input.csv", index=False, float_format="%.9g")
    expected = {
        "note": f"XGBoost binary, {features.shape[1]} float inputs in the order of input.csv (empty cell: NaN); converted by onnxmltools",
        "versions": {name: version(name) for name in ("xgboost-cpu", "onnxmltools", "skl2onnx", "onnx", "onnxruntime", "numpy", "pandas")},
        "opsets": {each.domain or "ai.onnx": each.version for each in graph.opset_import},
        "rows": ROWS,
        "expected_onnxruntime_python": {"label": label.tolist(), "probabilities": [[float(p) for p in row] for row in probabilities]},
        "native_xgboost": [float(p) for p in native],
        "max_difference_of_both": float(np.abs(native - probabilities[:, 1]).max()),
    }
    (HERE / "expected.json").write_text(json.dumps(expected) + "\n")
    onnx.checker.check_model(graph)
    print(len(content), expected["max_difference_of_both"], expected["opsets"])
    for each in (*session.get_inputs(), *session.get_outputs()):
        print(each.name, each.type, each.shape)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
