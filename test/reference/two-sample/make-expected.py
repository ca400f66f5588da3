"""Two-sample statistics by scipy and numpy, a logistic regression by scikit-learn: the inputs are made by the same formula on both sides."""
import json
import math
import pathlib

import numpy
import scipy
import scipy.stats
import sklearn
from sklearn.linear_model import LogisticRegression


def wave(count, shift, scale, digits=3):
    """A sample that any language can make: the fractional parts of multiples of the golden ratio, bent and rounded."""
    parts = (numpy.arange(1, count + 1) * 0.6180339887498949) % 1
    return numpy.floor((shift + scale * parts**3) * 10**digits + 0.5) / 10**digits


samples = []
for m, n, shift, scale in [(3, 4, 0.1, 1), (7, 5, 0.3, 1), (30, 30, 0.05, 1), (50, 40, 0, 1.5), (200, 150, 0.1, 1), (1000, 999, 0.02, 1), (400, 400, 0.2, 0.8)]:
    a, b = wave(m, 0, 1), wave(n, shift, scale)
    exact = scipy.stats.ks_2samp(a, b, method="exact")
    samples.append(
        {
            "m": m,
            "n": n,
            "shift": shift,
            "scale": scale,
            "ks": float(exact.statistic),
            "ks_p_exact": float(exact.pvalue),
            "ks_p_asymp": float(scipy.stats.ks_2samp(a, b, method="asymp").pvalue),
            "wasserstein": float(scipy.stats.wasserstein_distance(a, b)),
            "deviation": float(numpy.std(a)),
            "sturges": [float(edge) for edge in numpy.histogram_bin_edges(a, "sturges")],
            "doane": [float(edge) for edge in numpy.histogram_bin_edges(a, "doane")],
            "sturges_counts_of_b": numpy.histogram(b, numpy.histogram_bin_edges(a, "sturges"))[0].tolist(),
        }
    )

one_sample = [
    {"n": n, "d": z / math.sqrt(n), "p": float(scipy.stats.kstwo.sf(z / math.sqrt(n), n))}
    for n in (1, 2, 5, 20, 100, 140, 141, 1000, 13000)
    for z in (0.4, 0.6, 0.9, 1.2, 1.48, 1.49, 2.1, 4)
    if z < math.sqrt(n)
]

tables = []
for reference, current in [([10, 20, 30], [15, 15, 40]), ([10, 20], [30, 25]), ([3, 0, 9, 1], [1, 4, 9, 0])]:
    test = scipy.stats.chi2_contingency([reference, current], correction=False)
    yates = scipy.stats.chi2_contingency([reference, current], correction=True)
    scaled = numpy.array(reference) * sum(current) / sum(reference)
    fit = scipy.stats.chisquare(current, scaled) if all(reference) else None
    tables.append(
        {
            "reference": reference,
            "current": current,
            "statistic": float(test.statistic),
            "p": float(test.pvalue),
            "yates": float(yates.statistic),
            "least_expected": float(test.expected_freq.min()),
            "cramers_v": float(scipy.stats.contingency.association(numpy.array([reference, current]), method="cramer")),
            "fit": None if fit is None else {"statistic": float(fit.statistic), "p": float(fit.pvalue)},
            "jensen_shannon_e": float(scipy.spatial.distance.jensenshannon(reference, current)),
            "jensen_shannon_2": float(scipy.spatial.distance.jensenshannon(reference, current, base=2)),
        }
    )

columns = numpy.column_stack([wave(60, 0, 1), wave(63, 0.2, 2)[3:], wave(70, -1, 3)[10:] + wave(60, 0, 1)])
labels = (wave(65, 0, 1)[5:] + columns[:, 1] > 0.9).astype(int)
model = LogisticRegression(C=1.0, tol=1e-12, max_iter=10000).fit(columns, labels)
scaled = (columns - columns.mean(axis=0)) / columns.std(axis=0)
eigenvalues, eigenvectors = numpy.linalg.eigh(scaled[::2].T @ scaled[::2])
first = eigenvectors[:, -1]
errors = numpy.linalg.norm(scaled - numpy.outer(scaled @ first, first), axis=1)
document = {
    "library": f"scipy {scipy.__version__}, numpy {numpy.__version__}, scikit-learn {sklearn.__version__}",
    "samples": samples,
    "one_sample": one_sample,
    "tables": tables,
    "logistic": {"intercept": float(model.intercept_[0]), "coefficients": model.coef_[0].tolist(), "labels": labels.tolist()},
    "principal": {
        "eigenvalues": eigenvalues[::-1].tolist(),
        "first": first.tolist(),
        "error_even_rows": float(errors[::2].mean()),
        "error_odd_rows": float(errors[1::2].mean()),
        "error_all_rows": float(errors.mean()),
    },
}
pathlib.Path(__file__).with_name("expected.json").write_text(json.dumps(document, indent=1) + "\n")
