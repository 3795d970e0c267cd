"""A run that is stopped in the middle and started again ends as one that was left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import Client
from PIL import Image

from dilcli import files
from tests.dask_cluster import dask_cluster
from tests.pictures import trees


def _save_pictures(folder: Path, count: int) -> None:
    """Write pictures that take a second or two in all, so that they are worth a pool."""
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (1100, 1100 + count, 3), np.uint8)
    for number in range(count):
        ending = ("jpg", "tif", "bmp")[number % 3]
        Image.fromarray(noise[:, number : number + 1100]).save(folder / f"{number:02}.{ending}")


def _start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dilcli", "apply", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("how", [("-j", "1"), ("-j", "2"), ("--scheduler", "local")])
def test_ctrl_c_leaves_whole_outputs_and_a_second_run_makes_the_others(
    how: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _save_pictures(Path("in"), 30)
    words = ("in", "-k", "gaussian:sigma=2", "-d", "3", *how, "--output-dir")
    running = _start(*words, "stopped")
    while not Path("stopped").is_dir() or len(list(Path("stopped").iterdir())) < 5:
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate()
    assert running.returncode == 130
    assert "not tried" in said
    assert said.splitlines()[-1] == "Interrupted"
    made = trees(Path("stopped"))
    assert 0 < len(made) < 30
    assert all(files.is_whole(Path("stopped", name)) for name in made)
    assert not [name for name in made if name.startswith(".")]

    again = _start(*words, "stopped", "--skip-existing")
    _, said = again.communicate()
    assert again.returncode == 0, said
    assert f"{30 - len(made)} done, {len(made)} skipped, 0 failed" in said
    alone = _start(*words, "alone")
    alone.communicate()
    assert trees(Path("stopped")) == trees(Path("alone"))


def _children(process: int) -> str:
    return Path(f"/proc/{process}/task/{process}/children").read_text()


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="processes cannot be listed in /proc"
)
@pytest.mark.parametrize("later", [0, 0.4, 0.8, 1.2])
def test_ctrl_c_while_a_cluster_starts_is_one_word_and_leaves_nothing(
    later: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _save_pictures(Path("in"), 8)
    Path("tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    running = _start("in", "-k", "box", "--scheduler", "local", "--output-dir", "out")
    while not (children := _children(running.pid)):
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    time.sleep(later)
    begun = time.monotonic()
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate()
    assert time.monotonic() - begun < 2
    assert running.returncode == 130, said
    assert said.splitlines()[-1] == "Interrupted"
    assert not [line for line in said.splitlines() if "Traceback" in line or "distributed" in line]
    assert not list(Path("tmp").iterdir())
    # One that has hardly begun is not killed, but ends when it finds that it is alone.
    while Path(f"/proc/{int(children)}").exists():
        assert time.monotonic() - begun < 10
        time.sleep(0.05)


def test_a_scheduler_that_is_killed_ends_the_run_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _save_pictures(Path("in"), 30)
    with dask_cluster(tmp_path / "cluster") as cluster:
        words = ("-k", "gaussian:sigma=2", "-d", "3", "--scheduler", cluster.address)
        with Client(cluster.address, set_as_default=False) as client:
            scheduler = client.run_on_scheduler(os.getpid)
        running = _start("in", *words, "--output-dir", "out")
        while not Path("out").is_dir() or len(list(Path("out").iterdir())) < 4:
            assert running.poll() is None, running.communicate()
            time.sleep(0.01)
        os.kill(scheduler, signal.SIGKILL)
        _, said = running.communicate()
    assert running.returncode == 1
    last = said.splitlines()[-1]
    assert last.startswith(f"Error: --scheduler {cluster.address}: the scheduler is gone; ")
    ours = ("in/", "outputs ", "time ", "Error: ")
    assert not [line for line in said.splitlines() if line.strip() and not line.startswith(ours)]
