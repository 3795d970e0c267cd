"""What a run may take is what the machine or the container has."""

from __future__ import annotations

import os
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
