"""`python -m understudy_trainer check`: which contenders of a definition cannot be trained here, before any training.

Reads one JSON document from standard input: `{"model", "folder"?, "models", "task"?, "classes"?, "columns": [...], "contenders": {name: {"trainer", "params", ...}}}`;
writes one: `{"problems": [{"contender", "message"}], "unchecked": [{"contender", "reason"}]}`.
Invariant: installs nothing; a contender whose libraries are not there is unchecked.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any, TextIO

from .failures import TrainerFailure
from .obtain import is_there
from .train import asked_of
from .trainers import NEEDS, trainer_of
from .tried import try_contender


def main(source: TextIO = sys.stdin, target: TextIO = sys.stdout) -> int:
    document = json.load(source)
    os.environ["UNDERSTUDY_MODELS"] = document["models"]
    # What libraries and authors print while they are imported is no part of the answer.
    with contextlib.redirect_stdout(sys.stderr):
        answer = check_contenders(document)
    json.dump(answer, target)
    return 0


def check_contenders(document: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """The problems, and what could not be looked at."""
    problems: list[dict[str, str]] = []
    unchecked: list[dict[str, str]] = []
    for name, contender in document["contenders"].items():
        needs = NEEDS.get(contender["trainer"])
        try:
            if needs is not None and not is_there(needs):
                reason = f"the libraries of the trainer {needs} are installed with the first training"
                unchecked.append({"contender": name, "reason": reason})
                continue
            request = {"seed": 1, "earlyStoppingDays": 0, "earlyStoppingRounds": 1, "params": {}, **contender}
            given = {each: document[each] for each in ("task", "classes", "folder") if each in document}
            asked = asked_of({**request, **given, "model": document["model"]}, document["columns"], 1)
            trainer = trainer_of(contender["trainer"])
            unmet = trainer.unmet(asked) if contender["trainer"] == "function" else None
            if unmet is not None:
                unchecked.append({"contender": name, "reason": f"{unmet} are installed with the first training"})
                continue
            try_contender(trainer, asked, (contender.get("tuning") or {}).get("space", {}))
        except TrainerFailure as failure:
            if failure.code == "TRAINING_FAILED":
                problems.append({"contender": name, "message": str(failure)})
            else:
                unchecked.append({"contender": name, "reason": str(failure)})
    return {"problems": problems, "unchecked": unchecked}
