"""Time several sides in one run, and say on what."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["geometric_mean", "interleaved", "machine", "versions"]


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


def geometric_mean(values: Iterable[float]) -> float:
    """Compute the geometric mean; NaN of nothing."""
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def machine() -> str:
    """Name the processor and how many cores this process may use."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [t for t in cpuinfo.read_text().splitlines() if t.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def versions(*packages: str) -> str:
    """Give the installed version of each package that is installed."""
    found = []
    for package in packages:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{package} not installed")
    return ", ".join(found)
