"""Time sides that take turns: calls of this process, and whole processes."""

from __future__ import annotations

import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Run", "dilcli_command", "in_turns", "interleaved", "process"]

#: Starts a process out of a process that holds next to nothing: what a child inherits of its
#: parent's memory counts in its peak (Linux takes the peak over at exec).
LAUNCHER = """\
import json, os, signal, sys, time
cap, out, *command = sys.argv[1:]
if float(cap):
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(pid, signal.SIGKILL))
start = time.perf_counter()
null = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawnp(command[0], command, os.environ, file_actions=null, setpgroup=0)
if float(cap):
    signal.setitimer(signal.ITIMER_REAL, float(cap))
try:
    _, status, usage = os.wait4(pid, 0)
except KeyboardInterrupt:
    os.killpg(pid, signal.SIGKILL)
    raise
seconds = time.perf_counter() - start
kilo = 1 if sys.platform == "darwin" else 1024
code = os.waitstatus_to_exitcode(status)
text = json.dumps([seconds, usage.ru_utime + usage.ru_stime, kilo * usage.ru_maxrss, code])
with open(out, "w") as file:
    file.write(text)
"""


class Run(NamedTuple):
    """What a process took: seconds, those of all processors, and bytes at the peak."""

    seconds: float
    processor: float
    peak: int
    capped: bool = False


def dilcli_command(options: argparse.Namespace) -> str:
    """Find the dilcli under test."""
    beside = Path(sys.executable).parent
    found = (
        shutil.which(options.dilcli)
        if options.dilcli
        else shutil.which("dilcli", path=beside) or shutil.which("dilcli")
    )
    if found is None:
        raise SystemExit(f"{options.dilcli or 'dilcli'} is not installed; name one with --dilcli")
    return found


def interleaved(
    sides: Mapping[str, Callable[[], object]], repeat: int, budget: float = math.inf
) -> dict[str, list[float]]:
    """Time each side `repeat` times, taking turns, so that a noisy moment hits all of them.

    Parameters
    ----------
    sides : mapping of str to callable
        What is timed. Each side has already run once, or its first run is part of the result.
    repeat : int
        Rounds.
    budget : float
        Seconds after which a side that has run twice takes no further turns.

    Returns
    -------
    dict of str to list of float
        Seconds of every run.
    """
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeat):
        for name, run in sides.items():
            if len(seconds[name]) >= 2 and sum(seconds[name]) > budget:
                continue
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def in_turns(
    commands: Mapping[str, Sequence[str]], rounds: int, budget: float = math.inf
) -> dict[str, list[float]]:
    """Time whole commands by hyperfine, in an order that turns from round to round.

    Parameters
    ----------
    commands : mapping of str to sequence of str
        No shell stands between. Each has already run once.
    rounds : int
        Runs of each.
    budget : float
        Seconds after which a side that has run twice takes no further turns.

    Returns
    -------
    dict of str to list of float
        Seconds of every run.
    """
    if shutil.which("hyperfine") is None:
        raise SystemExit("hyperfine is not installed: apt-get install hyperfine")
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            turn = number % len(commands)
            sides = [
                side
                for side in [*commands, *commands][turn : turn + len(commands)]
                if len(seconds[side]) < 2 or sum(seconds[side]) < budget
            ]
            if not sides:
                break
            round_of = {side: commands[side] for side in sides}
            for side, taken in _one_round(round_of, Path(folder, "times.json")).items():
                seconds[side].append(taken)
    return seconds


def _one_round(commands: Mapping[str, Sequence[str]], out: Path) -> dict[str, float]:
    words = ["hyperfine", "-N", "--style", "none", "--runs", "1", "--export-json", str(out)]
    lines = [shlex.join(command) for command in commands.values()]
    done = subprocess.run([*words, *lines], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    results = json.loads(out.read_text())["results"]
    return {side: each["times"][0] for side, each in zip(commands, results, strict=True)}


def process(command: Sequence[str], *, cap: float = 0.0) -> Run:
    """Run a process and ask the system what it took; its failure ends the benchmark.

    Parameters
    ----------
    command : sequence of str
        Its standard output is thrown away.
    cap : float
        Seconds after which it is stopped, 0 for never.
    """
    read, write = os.pipe()
    with os.fdopen(read) as answer:
        launch = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(cap), f"/dev/fd/{write}"]
        done = subprocess.run(
            [*launch, *command], pass_fds=[write], stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(write)
        text = answer.read()
    if not text:
        raise SystemExit(f"{command[0]} cannot be started: {done.stderr.strip()}")
    seconds, processor, peak, code = json.loads(text)
    if code and not (cap and seconds >= cap):
        raise SystemExit(f"{' '.join(command)[:300]} failed ({code})\n{done.stderr.strip()}")
    return Run(seconds, processor, peak, bool(code))
