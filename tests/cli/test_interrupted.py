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
from PIL import Image

from dilcli import files
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


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_whole_outputs_and_a_second_run_makes_the_others(
    jobs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _save_pictures(Path("in"), 30)
    words = ("in", "-k", "gaussian:sigma=2", "-d", "3", "-j", jobs, "--output-dir")
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
