"""Jarque-Bera tests by scipy, on samples small enough to be kept beside their results."""
import json
import pathlib

import numpy
import scipy
import scipy.stats

generator = numpy.random.default_rng(7)
samples = {
    "normal": generator.normal(3, 2, 60),
    "skewed": generator.exponential(1, 60),
    "uniform": generator.uniform(-1, 1, 60),
    "short": numpy.array([1.0, 2.0, 4.0, 8.0, 16.0]),
}
cases = {}
for name, sample in samples.items():
    values = numpy.round(sample, 4)
    test = scipy.stats.jarque_bera(values)
    cases[name] = {"values": values.tolist(), "statistic": float(test.statistic), "p": float(test.pvalue)}
document = {"library": f"scipy {scipy.__version__}, numpy {numpy.__version__}", "cases": cases}
pathlib.Path(__file__).with_name("expected.json").write_text(json.dumps(document) + "\n")
