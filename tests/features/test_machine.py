"""What a run may take is what the machine or the container has."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from dilcli.features import machine

if TYPE_CHECKING:
    from pathlib import Path


def _limit(folder: Path, text: str) -> Path:
    path = folder / "memory.max"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("text", "expected"), [("max\n", None), ("1048576\n", 1048576)])
def test_a_container_s_limit_counts_where_it_is_less(
    tmp_path: Path, text: str, expected: int | None
) -> None:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = (str(tmp_path / "missing"), str(_limit(tmp_path, text)))
    with mock.patch.object(machine, "_LIMITS", limits):
        assert machine.machine_memory() == (expected or physical)
        assert machine.default_memory() == (expected or physical) // 2


def test_a_limit_beyond_the_machine_is_none(tmp_path: Path) -> None:
    with mock.patch.object(machine, "_LIMITS", (str(_limit(tmp_path, str(2**62))),)):
        assert machine.machine_memory() < 2**62


_FILL_AND_FREE = """
import resource, numpy as np
from dilcli.features.machine import keep_memory
{keep}
def faults():
    np.ones(8_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        np.ones(8_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to")
def test_memory_that_is_kept_is_not_faulted_in_again() -> None:
    faults = []
    for keep in ("", "keep_memory()"):
        script = _FILL_AND_FREE.format(keep=keep)
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        faults.append(int(done.stdout))
    assert faults[1] < faults[0] / 10


def test_another_c_library_is_left_alone() -> None:
    with mock.patch("ctypes.CDLL", return_value=object()):
        machine.keep_memory()
    with mock.patch.object(sys, "platform", "darwin"), mock.patch("ctypes.CDLL") as loaded:
        machine.keep_memory()
    loaded.assert_not_called()
