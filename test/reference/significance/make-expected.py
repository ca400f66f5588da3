"""Tests, corrections, powers and boundaries by statsmodels and scipy, on inputs small enough to be kept beside their results."""
import itertools
import json
import math
import pathlib

import numpy
import scipy
import scipy.optimize
import scipy.stats
import statsmodels
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint

generator = numpy.random.default_rng(11)

p_lists = [[0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 1.0, 0.0, 0.5], [0.049], numpy.round(generator.uniform(0, 0.2, 12), 4).tolist()]
multiplicity = [
    {
        "p": ps,
        "holm": multipletests(ps, method="holm")[1].tolist(),
        "benjamini_hochberg": multipletests(ps, method="fdr_bh")[1].tolist(),
    }
    for ps in p_lists
]

proportions = []
for hits, trials, level in [(0, 10, 0.95), (10, 10, 0.95), (3, 10, 0.95), (517, 10000, 0.95), (1, 4000, 0.99)]:
    low, high = proportion_confint(hits, trials, alpha=1 - level, method="beta")
    proportions.append({"hits": hits, "trials": trials, "level": level, "low": float(low), "high": float(high)})

sign_flip = []
for days in (3, 8, 14):
    differences = numpy.round(generator.normal(-0.4, 1, days), 3)
    test = [
        scipy.stats.permutation_test(
            (differences,), numpy.sum, permutation_type="samples", n_resamples=numpy.inf, alternative=alternative
        ).pvalue
        for alternative in ("less", "two-sided")
    ]
    sums = numpy.array([numpy.dot(signs, differences) for signs in itertools.product((-1, 1), repeat=days)])
    seen = differences.sum()
    one, two = numpy.mean(sums <= seen + 1e-9), numpy.mean(numpy.abs(sums) >= abs(seen) - 1e-9)
    assert abs(one - test[0]) < 1e-12
    sign_flip.append({"differences": differences.tolist(), "p_less": float(one), "p_absolute": float(two)})

powers = []
for effect, days, level in [(0.2, 14, 0.05), (0.5, 14, 0.05), (1.0, 14, 0.025), (0.3, 60, 0.05), (0.7, 2, 0.05), (0.1, 500, 0.01)]:
    power = TTestPower().power(effect_size=effect, nobs=days, alpha=level, alternative="larger")
    powers.append({"effect": effect, "days": days, "level": level, "power": float(power)})
days_needed = []
for effect, level, power in [(0.3, 0.05, 0.8), (0.15, 0.05, 0.9)]:
    exact = TTestPower().solve_power(effect_size=effect, alpha=level, power=power, alternative="larger")
    days_needed.append({"effect": effect, "level": level, "power": power, "days": math.ceil(exact)})
noncentral_t = [
    {"t": t, "degrees": degrees, "noncentrality": shift, "cdf": float(scipy.stats.nct.cdf(t, degrees, shift))}
    for t, degrees, shift in [(1.7, 13, 2.0), (0.0, 5, 1.0), (-1.0, 3, 0.5), (2.5, 1, 1.0), (1.66, 99, 3.0), (1.96, 1000, 2.8)]
]


def spent(kind, level, fraction):
    if kind == "pocock":
        return level * math.log(1 + (math.e - 1) * fraction)
    return 2 * scipy.stats.norm.sf(scipy.stats.norm.isf(level / 2) / math.sqrt(fraction))


def boundaries(kind, level, fractions):
    """By the joint normal distribution of all z together, not by a recursion."""
    covariance = numpy.sqrt(numpy.minimum.outer(fractions, fractions) / numpy.maximum.outer(fractions, fractions))
    found = []
    for look in range(1, len(fractions) + 1):
        below = 1 - spent(kind, level, fractions[look - 1])

        def excess(z):
            bounds = numpy.array(found + [z])
            if look == 1:
                return scipy.stats.norm.cdf(z) - below
            joint = scipy.stats.multivariate_normal(numpy.zeros(look), covariance[:look, :look], abseps=1e-9, releps=1e-9, maxpts=4_000_000, seed=5)
            return joint.cdf(bounds) - below

        found.append(scipy.optimize.brentq(excess, 0, 9, xtol=1e-7))
    return found


spending = [
    {"kind": kind, "level": level, "fractions": fractions, "z": boundaries(kind, level, fractions)}
    for kind, level, fractions in [
        ("obrien-fleming", 0.025, [0.2, 0.4, 0.6, 0.8, 1.0]),
        ("pocock", 0.025, [0.2, 0.4, 0.6, 0.8, 1.0]),
        ("pocock", 0.05, [0.25, 0.3, 0.9]),
    ]
]

document = {
    "library": f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}, numpy {numpy.__version__}",
    "multiplicity": multiplicity,
    "proportions": proportions,
    "sign_flip": sign_flip,
    "power": powers,
    "days_needed": days_needed,
    "noncentral_t": noncentral_t,
    "spending": spending,
}
pathlib.Path(__file__).with_name("expected.json").write_text(json.dumps(document, indent=1) + "\n")
