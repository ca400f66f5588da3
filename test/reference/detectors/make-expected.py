"""The values at which river's detectors fire, on streams made by a formula that any language has."""
import json
import pathlib

import river
from river import drift


def parts(count, salt):
    """Numbers in [0, 1) by a linear congruential generator of 32 bits (Numerical Recipes)."""
    state, found = salt, []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        found.append(state / 2**32)
    return found


# (rows, chance) of each stretch
stretches = {
    "rises": [(700, 0.1), (500, 0.35)],
    "falls": [(900, 0.5), (600, 0.2)],
    "twice": [(600, 0.2), (600, 0.5), (600, 0.1)],
    "calm": [(2000, 0.3)],
}
detectors = {
    "adwin": lambda: drift.ADWIN(),
    "adwin delta 0.05 clock 8": lambda: drift.ADWIN(delta=0.05, clock=8),
    "adwin buckets 3 part 10 grace 50": lambda: drift.ADWIN(max_buckets=3, min_window_length=10, grace_period=50),
    "page-hinkley": lambda: drift.PageHinkley(threshold=15),
    "page-hinkley up": lambda: drift.PageHinkley(threshold=10, mode="up", min_instances=50, delta=0.01, alpha=0.999),
    "page-hinkley down": lambda: drift.PageHinkley(threshold=10, mode="down"),
    "ddm": lambda: drift.binary.DDM(),
    "ddm early": lambda: drift.binary.DDM(warm_start=100, warning_threshold=1.5, drift_threshold=2.2),
}
streams = {}
for salt, (name, stretch) in enumerate(stretches.items()):
    chances = [chance for rows, chance in stretch for _ in range(rows)]
    numbers = parts(len(chances), salt)
    errors = [int(number < chance) for number, chance in zip(numbers, chances)]
    found = {}
    for label, make in detectors.items():
        detector, drifts, warnings = make(), [], 0
        for row, error in enumerate(errors):
            detector.update(error)
            if detector.drift_detected:
                drifts.append(row)
            warnings += int(getattr(detector, "warning_detected", False))
        found[label] = {"drifts": drifts, "warnings": warnings}
        if label.startswith("adwin"):
            found[label].update(width=detector.width, mean=detector.estimation, variance=detector.variance)
    real = [chance + 0.3 * number for number, chance in zip(numbers, chances)]
    detector, drifts = drift.ADWIN(), []
    for row, value in enumerate(real):
        detector.update(value)
        if detector.drift_detected:
            drifts.append(row)
    found["adwin of numbers"] = {"drifts": drifts, "width": detector.width, "mean": detector.estimation, "variance": detector.variance}
    streams[name] = {"salt": salt, "stretches": stretch, "errors": sum(errors), "detectors": found}
document = {"library": f"river {river.__version__}", "streams": streams}
pathlib.Path(__file__).with_name("expected.json").write_text(json.dumps(document, indent=1) + "\n")
