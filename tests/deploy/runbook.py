"""Reads a runbook's commands and runs them as a person would paste them, in a shell, one after the other."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.command_line import in_process
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "runbooks"
#: Commands that run until they are told to stop.
STAYING = ("penstock worker", "penstock sink")

_FENCE = re.compile(r"^ *```(?P<language>\w*)\n(?P<body>.*?)^ *```", re.MULTILINE | re.DOTALL)
_FILL_IN = re.compile(r"([A-Z_]+=\S+ ?)+")
#: Pipes, redirections, substitutions, several commands.
_SHELLS_OWN = re.compile(r"[|<>&;`*(){}]|\$\(")
_TIMEOUT_S = 240.0

#: What happens in the world at a command, and what a person fills in.
Happening = Callable[["Shell"], object]
Value = str | Callable[["Shell"], str]


def blocks(text: str) -> list[tuple[str, str]]:
    """(language, content) of each fenced block."""
    return [(match["language"], match["body"]) for match in _FENCE.finditer(text)]


def commands(text: str) -> list[str]:
    """Lines of its ``console`` blocks that begin with a prompt."""
    lines = (line.strip() for language, body in blocks(text) if language == "console" for line in body.splitlines())
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def mentioned(text: str) -> list[str]:
    """Commands that its prose names: ``penstock ...`` in backticks."""
    prose = _FENCE.sub("", text)
    return re.findall(r"`(penstock [^`]*)`", prose)


@dataclass
class Shell:
    """Where the commands run. ``env``: what a person on that machine has set."""

    folder: Path
    env: dict[str, str]
    #: What a person fills in: NAME -> value, or how to find it out.
    values: Mapping[str, Value] = field(default_factory=dict)
    #: Command's beginning -> what happens in the world after it.
    after: Mapping[str, Happening] = field(default_factory=dict)
    before: Mapping[str, Happening] = field(default_factory=dict)
    #: Command's beginning -> exit codes of its runs, where they are not all 0.
    codes: Mapping[str, list[int]] = field(default_factory=dict)
    printed: list[tuple[str, str]] = field(default_factory=list)
    _staying: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _runs: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shim = self.folder / "bin" / "penstock"
        shim.parent.mkdir(parents=True, exist_ok=True)
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m streams.cli "$@"\n')
        shim.chmod(0o755)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        self.env = {
            **clean,
            **self.env,
            "PATH": f"{shim.parent}:{clean['PATH']}",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
        }

    def run(self, command: str) -> None:
        """Runs one command. Raises AssertionError when it doesn't end as it should."""
        for happen in _of(self.before, command):
            happen(self)
        if _FILL_IN.fullmatch(command):
            for name in re.findall(r"([A-Z_]+)=", command):
                assert name in self.values, f"{command}: the test has no value for {name}"
                value = self.values[name]
                self.env[name] = value if isinstance(value, str) else value(self)
        elif command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.env[name] = value
        elif command.startswith(STAYING):
            self._start(command)
        else:
            self._once(command)
        for happen in _of(self.after, command):
            happen(self)

    def close(self) -> None:
        """Ends what stays. Raises AssertionError when it doesn't end well."""
        for command in list(self._staying):
            self._stop(command)

    def pid(self, command: str) -> int:
        """Of one that stays."""
        return self._staying[command].pid

    def log(self, command: str) -> str:
        """What it has printed."""
        return self._log(command).read_text(errors="replace")

    def said(self, command: str) -> str:
        """What the runs of a command printed."""
        return "\n".join(text for run, text in self.printed if run.startswith(command))

    def gone(self, command: str) -> None:
        """Waits for the end of one that was told to stop."""
        assert self._staying.pop(command).wait(_TIMEOUT_S) == 0, self.log(command)[-3000:]

    def _once(self, command: str) -> None:
        prefix = next((p for p in self.codes if command.startswith(p)), command)
        codes = self.codes.get(prefix, [])
        run = self._runs[prefix] = self._runs.get(prefix, 0) + 1
        expected = codes[run - 1] if run <= len(codes) else 0
        done = self._pasted(command)
        self.printed.append((command, done.stdout + done.stderr))
        assert done.returncode == expected, f"$ {command}\n{done.stdout}{done.stderr}\nexit code {done.returncode}"

    def _pasted(self, command: str) -> subprocess.CompletedProcess[str]:
        if command.startswith("penstock ") and not _SHELLS_OWN.search(command):
            # Without a shell's doings, without a shell: starting a process is most of what a command costs.
            args = [self._expanded(word) for word in shlex.split(command)[1:]]
            return in_process(args, self.env, self.folder, typed="y\n")
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.env,
            input="y\n",
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
        )

    def _expanded(self, word: str) -> str:
        return re.sub(r"\$([A-Z_]+)", lambda name: self.env[name[1]], word)

    def _start(self, command: str) -> None:
        if command in self._staying:
            # One slot, one worker: this is its restart.
            self._stop(command)
        with self._log(command).open("ab") as log:
            # In the shell's place, so that its id is the program's.
            self._staying[command] = subprocess.Popen(
                ["bash", "-c", f"exec {command}"], cwd=self.folder, env=self.env, stdout=log, stderr=log
            )

    def _stop(self, command: str) -> None:
        self._staying[command].send_signal(signal.SIGTERM)
        try:
            self.gone(command)
        finally:
            process = self._staying.pop(command, None)
            if process is not None and process.poll() is None:
                process.kill()

    def _log(self, command: str) -> Path:
        return self.folder / (re.sub(r"\W+", "-", command) + ".log")


def _of(hooks: Mapping[str, Happening], command: str) -> Iterator[Happening]:
    for beginning, hook in hooks.items():
        if command.startswith(beginning):
            yield hook


def until_it_says(read: Callable[[], str], text: str, timeout_s: float = PATIENCE_S) -> None:
    """Waits for a text in a log."""
    deadline = time.monotonic() + timeout_s
    while text not in read():
        assert time.monotonic() < deadline, f"not said within {timeout_s:.0f} s: {text!r}; said: {read()[-3000:]}"
        time.sleep(0.2)
