"""The engine tests' counting app with the engine broken, and with one more fault: a worker that stops in its tracks.

Settings from the environment, beside the counting app's: MUTANT (a name in ``mutants.py``; none: the engine as it is), STOP_AT ("step:n"
sends the process SIGSTOP at the n-th time it enters the step; whoever started it sends SIGCONT).
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace

import faust

from tests.chaos.mutants import MUTANTS
from tests.engine.counting_app import make_app


def make_mutant_app() -> faust.App:
    if name := os.environ.get("MUTANT"):
        MUTANTS[name].install()
    app = make_app()
    if spec := os.environ.get("STOP_AT"):
        step, _, nth = spec.partition(":")
        met: Counter[str] = Counter()
        killer = app.engine_options.on_step

        def on_step(entered: str) -> None:
            met[entered] += 1
            if entered == step and met[step] == int(nth or 1):
                os.kill(os.getpid(), signal.SIGSTOP)
            if killer is not None:
                killer(entered)

        app.engine_options = replace(app.engine_options, on_step=on_step)
    return app


if __name__ == "__main__":
    make_mutant_app().main()
