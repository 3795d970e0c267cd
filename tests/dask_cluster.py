"""A real Dask scheduler and real workers, as processes on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Running", "dask_cluster", "start_worker"]


class Running(NamedTuple):
    """An address, and the processes of the workers behind it."""

    address: str
    folder: Path
    workers: list[subprocess.Popen[bytes]]


def _start(folder: Path, name: str, *words: str) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--no-dashboard"],
            cwd=folder,
            stdout=log,
            stderr=log,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )


def start_worker(folder: Path, name: str) -> subprocess.Popen[bytes]:
    """Start a worker of one thread that nobody starts again when it is killed."""
    file = str(folder / "scheduler.json")
    words = ("worker", "--scheduler-file", file, "--nthreads", "1", "--no-nanny")
    return _start(folder, name, *words, "--host", "127.0.0.1")


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[Running]:
    """Run a scheduler and workers, which stand in a folder of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "scheduler.json"
    words = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    processes = [_start(folder, "scheduler", *words)]
    try:
        while not file.exists() or not file.read_text().rstrip().endswith("}"):
            assert processes[0].poll() is None, (folder / "scheduler.log").read_text()
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        started = [start_worker(folder, f"worker{number}") for number in range(workers)]
        processes += started
        yield Running(address, folder, started)
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
