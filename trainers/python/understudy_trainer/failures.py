"""Failures as the workflows know them: a code of src/domain/failures.ts and one sentence for the user.

Invariant: no stack trace ever becomes a message; whether a retry can help is decided here.
"""

from __future__ import annotations

import errno
from typing import Any

from temporalio.exceptions import ApplicationError

RETRYABLE = {"TRAINER_CRASHED", "STORE_FULL", "STORE_UNAVAILABLE", "PYTHON_ENVIRONMENT_FAILED", "INTERNAL"}
#: A training that has crashed or run out of memory so often does it again: it ends for good.
CRASHES_AT_MOST = 3


class TrainerFailure(Exception):
    """A failure with a code of the table, and its sentence."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class TrainingCancelled(Exception):
    """Raised inside a fit when the workflow no longer wants it."""


def as_application_error(error: BaseException, attempt: int = 1, **facts: Any) -> ApplicationError:
    """What Temporal is told: type = code, message = sentence, details = facts, retried or not on purpose. `attempt` starts at 1."""
    failure = classified(error)
    final = failure.code not in RETRYABLE or (failure.code == "TRAINER_CRASHED" and attempt >= CRASHES_AT_MOST)
    return ApplicationError(str(failure), {**failure.details, **facts}, type=failure.code, non_retryable=final)


def classified(error: BaseException) -> TrainerFailure:
    """Any failure as one of the table's: a lack of memory and a full store are no bugs."""
    if isinstance(error, TrainerFailure):
        return error
    if isinstance(error, MemoryError):
        return TrainerFailure("TRAINER_CRASHED", "The training needed more memory than it may have on this machine.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TrainerFailure("STORE_FULL", f"The artifact store is full: {error.filename} could not be written.")
    text = str(error).strip().splitlines()
    return TrainerFailure("INTERNAL", f"The trainer stopped on {type(error).__name__}: {text[0] if text else 'no message'}.")
