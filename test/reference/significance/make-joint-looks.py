"""Boundaries of looks with any correlations, from scipy's joint normal distribution: writes joint-looks.json beside itself.

Python 3 with numpy and scipy: `python make-joint-looks.py`. The z of look k solves P(z_1 below, ..., z_{k-1} below, z_k at least z) = increment
by Brent's method; `tolerance` is what repeated runs with other points of scipy's own integral differ by at most, times three.
"""
import json
import math
import pathlib

import numpy
import scipy
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm


def pocock(level, t):
    return level * math.log(1 + (math.e - 1) * t)


def boundaries(increments, correlations):
    found = []
    for k, increment in enumerate(increments):
        matrix = numpy.array(correlations)[: k + 1, : k + 1]

        def excess(z):
            # The chance of a finding here and none before: mirrored, so that small chances are computed as such.
            if k == 0:
                return norm.sf(z) - increment
            signs = numpy.append(numpy.ones(k), -1)
            mirrored = matrix * numpy.outer(signs, signs)
            joint = multivariate_normal(mean=numpy.zeros(k + 1), cov=mirrored, allow_singular=True, maxpts=1_000_000, abseps=1e-9, releps=1e-9)
            joint_cdf = joint.cdf(numpy.append(found, -z), rng=numpy.random.default_rng(7))
            return joint_cdf - increment

        found.append(brentq(excess, 0, 6, xtol=1e-8))
    return found


def windows(looks, days, every):
    return [[max(0, days - every * abs(i - j)) / days for j in range(looks)] for i in range(looks)]


def parts(level, looks, of):
    return [pocock(level, (k + 1) / of) - pocock(level, k / of) for k in range(looks)]


uneven = numpy.array([[1, 0, 0, 0.5], [1, 1, 0.2, 0], [0, 1, -0.6, 0], [1, 0.3, 2, 1]])
norms = numpy.sqrt((uneven**2).sum(axis=1))
gram = (uneven @ uneven.T / numpy.outer(norms, norms)).tolist()
cases = [
    ("weekly looks at 14 days", parts(0.05, 8, 8), windows(8, 14, 7)),
    ("daily looks at 14 days", parts(0.05, 5, 8), windows(5, 14, 1)),
    ("looks that share nothing", parts(0.05, 4, 4), windows(4, 1, 1)),
    ("any correlations, one of them negative", parts(0.0125, 4, 8), gram),
]
document = {
    "library": f"scipy {scipy.__version__}, numpy {numpy.__version__}",
    "tolerance": 2e-4,
    "cases": [
        {"what": what, "increments": increments, "correlations": correlations, "z": boundaries(increments, correlations)}
        for what, increments, correlations in cases
    ],
    # Lan and DeMets' boundaries of five equal looks at one-sided 0.025, as published tables and their program give them.
    "published": {
        "obrien-fleming": [4.877, 3.357, 2.680, 2.290, 2.031],
        "pocock": [2.438, 2.427, 2.410, 2.397, 2.386],
    },
}
pathlib.Path(__file__).with_name("joint-looks.json").write_text(json.dumps(document, indent=1) + "\n")
