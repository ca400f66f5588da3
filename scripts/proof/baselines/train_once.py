"""One training as the activity of the worker does it, without a Temporal server: a TrainRequest on standard input, a TrainResult on output.

Usage: `ARTIFACT_STORE=file:///folder PYTHONPATH=trainers/python python train_once.py < request.json`. It ends with 1 and the failure's sentence.
"""

import json
import os
import sys

from understudy_trainer.artifacts import FileArtifacts
from understudy_trainer.process import TrainingProcess, prepare


def main() -> int:
    prepare()
    run = TrainingProcess(json.load(sys.stdin), FileArtifacts(os.environ["ARTIFACT_STORE"]), os.cpu_count() or 1)
    try:
        while not run.poll(0.25):
            pass
    finally:
        run.stop(1.0)
    if run.error is not None:
        print(f"{run.error.code}: {run.error}", file=sys.stderr)
        return 1
    json.dump(run.result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
