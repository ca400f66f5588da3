"""Metrics with weights, curves, intervals and fairness gaps by scikit-learn, scipy, statsmodels and fairlearn, on small samples kept
beside their results. The bootstrap repeats the product's random numbers (mulberry32), so that even its intervals are equal."""
import json
import math
import pathlib
import types

import fairlearn
import fairlearn.metrics as fair
import numpy as np
import scipy
import sklearn
import sklearn.calibration
import sklearn.metrics as skm
import statsmodels
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

random = np.random.default_rng(20)


def plain(value):
    """numpy to what JSON knows; infinities as null."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(each) for each in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value


# --- binary -----------------------------------------------------------------------------------------------------------------------
n = 240
p = np.round(random.beta(2, 4, n), 2)
y = (random.uniform(size=n) < 0.15 + 0.7 * p).astype(int)
w = random.integers(0, 9, n) / 4
day = np.sort(random.integers(0, 12, n))
group = random.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])


def binary(y, p, w, threshold):
    yes = (p >= threshold).astype(int)
    return {
        "log_loss": skm.log_loss(y, p, sample_weight=w, labels=[0, 1]),
        "roc_auc": skm.roc_auc_score(y, p, sample_weight=w),
        "pr_auc": skm.average_precision_score(y, p, sample_weight=w),
        "brier": skm.brier_score_loss(y, p, sample_weight=w),
        "accuracy": skm.accuracy_score(y, yes, sample_weight=w),
        "precision": skm.precision_score(y, yes, sample_weight=w),
        "recall": skm.recall_score(y, yes, sample_weight=w),
        "f1": skm.f1_score(y, yes, sample_weight=w),
        "balanced_accuracy": skm.balanced_accuracy_score(y, yes, sample_weight=w),
        "mcc": skm.matthews_corrcoef(y, yes, sample_weight=w),
        "confusion": skm.confusion_matrix(y, yes, sample_weight=w).ravel(),
    }


def weighted_ece(y, p, w, bins=10):
    edges = np.linspace(0, 1, bins + 1)
    place = np.searchsorted(edges[1:-1], p)
    return sum(abs(np.sum(w[place == b] * (y[place == b] - p[place == b]))) for b in range(bins)) / np.sum(w)


fpr, tpr, thresholds = skm.roc_curve(y, p, sample_weight=w, drop_intermediate=False)
precision, recall, pr_thresholds = skm.precision_recall_curve(y, p, sample_weight=w)
calibration = {
    strategy: [list(each) for each in sklearn.calibration.calibration_curve(y, p, n_bins=8, strategy=strategy)]
    for strategy in ("uniform", "quantile")
}

# --- intervals --------------------------------------------------------------------------------------------------------------------
loss = (p - y) ** 2


def cluster_mean(weights):
    fit = sm.WLS(loss, np.ones(n), weights=weights).fit(cov_type="cluster", cov_kwds={"groups": day, "df_correction": True}, use_t=True)
    low, high = np.asarray(fit.conf_int(0.1))[0]
    return {"value": fit.params[0], "low": low, "high": high}


def cluster_jackknife(metric, weights):
    names = np.unique(day)
    without = np.array([metric(y, p, np.where(day == name, 0, weights)) for name in names])
    g = len(names)
    half = stats.t.ppf(0.975, g - 1) * math.sqrt((g - 1) / g * np.sum((without - without.mean()) ** 2))
    value = metric(y, p, weights)
    return {"value": value, "low": value - half, "high": value + half}


def auc(y, p, w):
    return skm.roc_auc_score(y, p, sample_weight=w)


def f1(y, p, w):
    return skm.f1_score(y, p >= 0.5, sample_weight=w)


def mulberry32(seed):
    state = seed & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & 0xFFFFFFFF)) & 0xFFFFFFFF
        yield ((mixed ^ (mixed >> 14)) & 0xFFFFFFFF) / 4294967296


def bootstrap(metric, unit_of_row, seed, resamples):
    units = np.arange(unit_of_row.max() + 1)
    numbers = mulberry32(seed)

    def of(drawn):
        times = np.bincount(np.asarray(drawn, dtype=int), minlength=len(units))
        return metric(y, p, w * times[unit_of_row])

    distribution = np.array([of([int(next(numbers) * len(units)) for _ in units]) for _ in range(resamples)])
    earlier = types.SimpleNamespace(bootstrap_distribution=distribution)
    result = {"value": of(units), "standardError": np.std(distribution, ddof=1), "seed": seed, "resamples": resamples}
    for method in ("percentile", "BCa"):
        # scipy takes the distribution as given and only makes the interval of it.
        found = stats.bootstrap((units,), of, n_resamples=0, bootstrap_result=earlier, vectorized=False, method=method, confidence_level=0.9)
        result[method.lower()] = list(found.confidence_interval)
    return result


# --- fairness ---------------------------------------------------------------------------------------------------------------------
def fairness(w):
    yes = (p >= 0.4).astype(int)
    how = {"sensitive_features": group, "sample_weight": w}
    frame = fair.MetricFrame(
        metrics={"accuracy": skm.accuracy_score},
        y_true=y,
        y_pred=yes,
        sensitive_features=group,
        sample_params={"accuracy": {"sample_weight": w}},
    )
    return {
        "demographic_parity_difference": fair.demographic_parity_difference(y, yes, **how),
        "demographic_parity_ratio": fair.demographic_parity_ratio(y, yes, **how),
        "equal_opportunity_difference": fair.equal_opportunity_difference(y, yes, **how),
        "equalized_odds_difference": fair.equalized_odds_difference(y, yes, **how),
        "accuracy_difference": frame.difference()["accuracy"],
    }


def roc_auc_gap():
    areas = [skm.roc_auc_score(y[group == name], p[group == name]) for name in ("a", "b", "c")]
    return max(areas) - min(areas)


def newcombe():
    yes = (p >= 0.4).astype(int)
    rates = sorted((yes[group == name].mean(), yes[group == name].sum(), (group == name).sum()) for name in ("a", "b", "c"))
    (_, few, n_few), (_, many, n_many) = rates[0], rates[-1]
    return confint_proportions_2indep(many, n_many, few, n_few, method="newcomb", compare="diff", alpha=0.05)


# --- multi-class ------------------------------------------------------------------------------------------------------------------
m = 150
classes = 4
raw = random.dirichlet([1.2] * classes, m)
table = np.round(raw, 3)
table[:, 0] = 1 - table[:, 1:].sum(axis=1)
truth = np.array([random.choice(classes, p=0.5 * row + 0.5 / classes) for row in raw])
mw = random.integers(0, 9, m) / 4


def multiclass(w):
    answer = table.argmax(axis=1)
    names = list(range(classes))
    found = {
        "log_loss": skm.log_loss(truth, table, sample_weight=w, labels=names),
        "brier": skm.brier_score_loss(truth, table, sample_weight=w, labels=names),
        "accuracy": skm.accuracy_score(truth, answer, sample_weight=w),
        "top_k_accuracy@2": skm.top_k_accuracy_score(truth, table, k=2, sample_weight=w, labels=names),
        "top_k_accuracy@3": skm.top_k_accuracy_score(truth, table, k=3, sample_weight=w, labels=names),
        "confusion": skm.confusion_matrix(truth, answer, sample_weight=w),
    }
    for average in ("macro", "weighted"):
        scores = skm.precision_recall_fscore_support(truth, answer, average=average, sample_weight=w)
        for name, score in zip(("precision", "recall", "f1"), scores):
            found[f"{name}_{average}"] = score
        # scikit-learn weighs the average by rows and not by their weights: done here by class.
        areas = [skm.roc_auc_score(truth == k, table[:, k], sample_weight=w) for k in names]
        support = [w[truth == k].sum() for k in names]
        found[f"roc_auc_{average}"] = np.mean(areas) if average == "macro" else np.average(areas, weights=support)
    return found


unweighted = {
    f"roc_auc_{average}": skm.roc_auc_score(truth, table, multi_class="ovr", average=average) for average in ("macro", "weighted")
}

# --- regression -------------------------------------------------------------------------------------------------------------------
k = 121
label = np.round(random.normal(5, 4, k), 2)
label[label == 0] = 0.5
said = np.round(label * 0.8 + random.normal(0.4, 2, k), 2)
kw = random.integers(0, 9, k) / 4


def regression(w):
    return {
        "rmse": skm.root_mean_squared_error(label, said, sample_weight=w),
        "mse": skm.mean_squared_error(label, said, sample_weight=w),
        "mae": skm.mean_absolute_error(label, said, sample_weight=w),
        "mape": skm.mean_absolute_percentage_error(label, said, sample_weight=w),
        "r2": skm.r2_score(label, said, sample_weight=w),
        "median_absolute_error": skm.median_absolute_error(label, said, sample_weight=w),
        "bias": np.average(said - label, weights=w),
        "pinball@0.9": skm.mean_pinball_loss(label, said, sample_weight=w, alpha=0.9),
        "pinball@0.25": skm.mean_pinball_loss(label, said, sample_weight=w, alpha=0.25),
        "coverage_error@0.9": abs(np.average(label <= said, weights=w) - 0.9),
    }


ones = np.ones(n)
_, unit_of_day = np.unique(day, return_inverse=True)
document = {
    "library": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}, "
    f"fairlearn {fairlearn.__version__}, numpy {np.__version__}",
    "binary": {
        "rows": {"labels": y, "probabilities": p, "weights": w, "days": day, "groups": list(group)},
        "threshold": 0.4,
        "unweighted": {**binary(y, p, ones, 0.4), "ece": weighted_ece(y, p, ones)},
        "weighted": {**binary(y, p, w, 0.4), "ece": weighted_ece(y, p, w)},
        "roc_curve": {"fpr": fpr, "tpr": tpr, "thresholds": thresholds},
        "pr_curve": {"precision": precision[:-1][::-1], "recall": recall[:-1][::-1], "thresholds": pr_thresholds[::-1]},
        "calibration": calibration,
    },
    "intervals": {
        "wilson": [
            {"successes": s, "rows": r, "level": level, "bounds": proportion_confint(s, r, 1 - level, method="wilson")}
            for s, r, level in [(7, 20, 0.95), (0, 10, 0.95), (10, 10, 0.9), (1, 3, 0.99), (400, 1000, 0.95)]
        ],
        "cluster_mean": {"unweighted": cluster_mean(ones), "weighted": cluster_mean(w)},
        "cluster_jackknife": {
            "roc_auc": cluster_jackknife(auc, ones),
            "roc_auc_weighted": cluster_jackknife(auc, w),
            "f1_weighted": cluster_jackknife(f1, w),
        },
        "bootstrap": {
            "rows": bootstrap(auc, np.arange(n), 5, 300),
            "days": bootstrap(auc, unit_of_day, 6, 300),
            "days_f1": bootstrap(f1, unit_of_day, 7, 300),
        },
    },
    "fairness": {
        "threshold": 0.4,
        "unweighted": {**fairness(ones), "roc_auc_difference": roc_auc_gap()},
        "weighted": fairness(w),
        "selection_rate_newcombe": newcombe(),
    },
    "multiclass": {
        "rows": {"labels": truth, "classes": classes, "probabilities": table.ravel(), "weights": mw},
        "unweighted": {**multiclass(np.ones(m)), **unweighted},
        "weighted": multiclass(mw),
    },
    "regression": {
        "rows": {"labels": label, "predictions": said, "weights": kw},
        "unweighted": regression(np.ones(k)),
        "weighted": regression(kw),
    },
}
pathlib.Path(__file__).with_name("expected.json").write_text(json.dumps(plain(document)) + "\n")
