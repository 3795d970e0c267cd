"""A cluster of this machine: its processes are dead when it has ended, however that was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

import pytest
from distributed import Client

from dilcli.errors import DilcliError
from dilcli.features import cluster_local
from dilcli.features.cluster_local import local_scheduler


def _is_dead(process: int) -> bool:
    """Whether a process has ended; one that nobody has waited for counts."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a place for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_that_are_busy_are_dead_when_the_context_has_ended(folder: Path) -> None:
    with local_scheduler(2) as address:
        with Client(address, set_as_default=False) as client:
            workers = list(client.run(os.getpid).values())
            busy = [client.submit(time.sleep, 60, pure=False) for _ in workers]
            assert len(workers) == len(busy) == 2
            assert not any(_is_dead(worker) for worker in workers)
            assert list(folder.iterdir())
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    assert all(_is_dead(worker) for worker in workers)
    assert not list(folder.iterdir())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_end_with_the_process_that_wanted_them() -> None:
    program = (
        "import time; from dilcli.features.cluster_local import local_scheduler as s; c = s(1); "
        "print(c.__enter__(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        with Client(owner.stdout.readline().decode().strip(), set_as_default=False) as client:
            (worker,) = client.run(os.getpid).values()
        owner.send_signal(signal.SIGKILL)
    patience = time.monotonic() + 10
    while not _is_dead(worker):
        assert time.monotonic() < patience
        time.sleep(0.05)


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import time; time.sleep(60)"])
def test_a_cluster_that_does_not_start_is_told_in_one_line(program: str, folder: Path) -> None:
    with (
        mock.patch.object(cluster_local, "_PROGRAM", program),
        mock.patch.object(cluster_local, "_PATIENCE", 0.5),
        pytest.raises(DilcliError, match="local: no Dask scheduler could be started here"),
        local_scheduler(1),
    ):
        pass
    assert not list(folder.iterdir())
