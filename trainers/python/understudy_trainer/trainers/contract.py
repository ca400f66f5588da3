"""The one contract of the trainers of this package: what a trainer is given, and what it gives back.

Invariant: trainers see the float32 values that serving will see, and never a row of the holdout or the truth set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Protocol

import numpy as np

from ..chunks.checkpoints import Checkpoints, NoCheckpoints
from ..failures import TrainerFailure
from ..tasks import MULTICLASS, REGRESSION

#: iteration, of, what a person reads.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class TrainingInput:
    """One training, whatever the trainer."""

    #: `binary`, `multiclass` or `regression`.
    task: str
    #: float32 [rows, columns]: numbers, and categories as their code; NaN is missing. Read only.
    features: np.ndarray
    #: float64 [rows]: 0 or 1; the index of the class; the value.
    labels: np.ndarray
    #: int32 [rows]: days since 1970-01-01.
    days: np.ndarray
    #: float64 [rows], class weights included; None: every row counts the same.
    weights: np.ndarray | None
    #: The signature's columns: `{"kind": "number", "name"}` or `{"kind": "category", "name", "categories"}`.
    columns: list[dict[str, Any]]
    params: dict[str, Any]
    seed: int
    threads: int
    #: The latest training days are kept aside for early stopping; 0: none.
    early_stopping_days: int
    early_stopping_rounds: int
    #: Per column: 1 the prediction may only rise with it, -1 only fall, 0 free.
    monotone: list[int]
    #: Positions of columns that the model must not use (the column of the rows' weights); they are 0 in `features`.
    hidden: frozenset[int]
    progress: Progress
    cancelled: Callable[[], bool]
    #: `sklearn`: the estimator's short name or dotted path.
    estimator: str | None = None
    #: `function`: the function's dotted path, such as `my_package.my_module:train`, and the folder that it is imported from.
    function: str | None = None
    folder: str | None = None
    #: What the definition says that the digest of the function's source is; None: it is not said.
    source_digest: str | None = None
    #: The native bytes of the contender's newest version; None: there is none.
    parent: bytes | None = None
    #: Iterations after which a state is kept; None: as `chunks.sizes` says.
    checkpoint_every: int | None = None
    #: Where the states of this training are kept, and the newest one found.
    checkpoints: Checkpoints | NoCheckpoints = field(default_factory=NoCheckpoints)
    #: `multiclass` only: the names of the classes, by index.
    classes: tuple[str, ...] = ()
    #: The native bytes of the version that the training has to go on from; None: it starts from nothing.
    start: bytes | None = None
    #: Whether there is such a version, also where its bytes are not read, as in a check.
    starts: bool = False

    @property
    def late(self) -> np.ndarray:
        """Which rows are of the early-stopping days."""
        if not self.early_stopping_days:
            return np.zeros(len(self.days), bool)
        return self.days > self.days.max(initial=0) - self.early_stopping_days


@dataclass(frozen=True)
class Fitted:
    """A trained model, in its own form and as what ONNX is made from."""

    native: bytes
    native_media_type: str
    #: Makes the ONNX bytes: `features` float32 [batch, columns] to the tensors of `tasks.outputs_of`.
    to_onnx: Callable[[], bytes]
    #: The native model's prediction of each float32 row: the probability of class 1, or the value, [rows]; of several classes [rows, classes].
    predict: Callable[[np.ndarray], np.ndarray]
    #: The best iteration.
    iterations: int
    curve: list[dict[str, float]]
    #: Column -> how much the model uses it, in the trainer's own measure.
    importance: dict[str, float]
    #: Every parameter as used.
    parameters: dict[str, Any]
    #: Libraries beside those of every training, by name: recorded with the version.
    libraries: tuple[str, ...] = ()
    #: (column, value): numeric splits; rows exactly on them are in the parity sample.
    thresholds: list[tuple[int, float]] = field(default_factory=list)
    #: float32 [rows, columns] to float64 [rows, columns + 1]: Shapley values in log-odds, or in the label's unit, the base last; of several classes
    #: [rows, classes, columns + 1], in the scores that their softmax is taken of. None: the trainer has none.
    contributions: Callable[[np.ndarray], np.ndarray] | None = None
    #: Further facts for the lineage, beside the versions of libraries.
    facts: dict[str, str] = field(default_factory=dict)


class Trainer(Protocol):
    """What a module of this package offers."""

    def check(self, asked: TrainingInput) -> None:
        """Refuses what cannot be trained or converted, before any training; `asked` has no rows. Fails with TRAINING_FAILED."""

    def fit(self, asked: TrainingInput) -> Fitted:
        """Trains. Fails with TRAINING_FAILED on the author's mistakes; raises TrainingCancelled soon after `cancelled()` turns true."""


def refused(message: str, **details: Any) -> TrainerFailure:
    """The author's mistake, in a sentence."""
    return TrainerFailure("TRAINING_FAILED", message, **details)


def require_days(asked: TrainingInput) -> None:
    """Fails with TRAINING_FAILED when early stopping keeps aside all of the days that there are rows of."""
    stopping, span = asked.early_stopping_days, int(np.ptp(asked.days)) + 1 if len(asked.days) else 0
    if span and stopping >= span:
        raise refused(f"earlyStopping.days is {stopping}, but the training rows are of {span} days; allowed is fewer.")


def require_labels(asked: TrainingInput) -> None:
    """
    Fails with TRAINING_FAILED when there is nothing to learn from: rows to train on, or of the early-stopping days, of one class only; of several
    classes, none of one of them among those to train on; of a regression, one value only.
    """
    late, days = asked.late, asked.early_stopping_days
    if asked.task == REGRESSION:
        if len(np.unique(asked.labels[~late])) < 2:
            raise refused(f"The training rows have {int((~late).sum())} rows, all with the same label; different ones are needed.")
        return
    if asked.task == MULTICLASS:
        present = set(asked.labels[~late].astype(int).tolist())
        absent = [name for index, name in enumerate(asked.classes) if index not in present]
        if absent:
            names = ", ".join(f'"{name}"' for name in absent)
            raise refused(f"The training rows have {int((~late).sum())} rows, none of them of {names}; all classes are needed.", absent=absent)
        return
    _both(asked.labels[~late], f"training rows before the last {days} days" if days else "training rows")
    if days:
        _both(asked.labels[late], f"last {days} days, which early stopping needs,")


def _both(labels: np.ndarray, which: str) -> None:
    positives = int(labels.sum())
    if positives == 0 or positives == len(labels):
        raise refused(
            f"The {which} have {len(labels)} rows, {positives} of them positive; both classes are needed.",
            rows=len(labels),
            positives=positives,
        )


def whole_number(name: str, value: Any) -> int:
    """A parameter that counts something, from 1. Fails with TRAINING_FAILED."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value < 1:
        raise refused(f"params.{name} is {value!r}; allowed is a whole number from 1.", parameter=name)
    return int(value)


def whole_floats_as_ints(params: dict[str, Any]) -> dict[str, Any]:
    """JSON does not tell 5 from 5.0; libraries do."""
    return {name: int(v) if isinstance(v, float) and v.is_integer() else v for name, v in params.items()}
