"""Kernels from names, from text and from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dilcli.core.kernels import parse_kernel
from dilcli.errors import KernelError
from dilcli.features.kernel_spec import load_kernel

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_gives_its_weights_and_its_stem(tmp_path: Path) -> None:
    np.save(tmp_path / "my edge.npy", [[-1, 0, 1]])
    kernel = load_kernel(f"@{tmp_path}/my edge.npy")
    assert kernel.weights == ((-1.0, 0.0, 1.0),)
    assert kernel.name == "my edge"


def test_the_home_folder_may_be_written_as_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "k.txt").write_text("1 2")
    assert load_kernel("@~/k.txt").weights == ((1.0, 2.0),)


@pytest.mark.parametrize("text", ["gaussian:2", "1 2; 3 4 / 10", "box"])
def test_everything_else_is_parsed(text: str) -> None:
    assert load_kernel(text) == parse_kernel(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@", "names no file"),
        ("@missing.npy", r"missing\.npy: No such file"),
        ("@~nobody-at-all/k.npy", "No such file"),
        ("@kernel.png", r"ends in '\.png'; known are"),
        ("@a\0.npy", "names no file"),
    ],
)
def test_a_file_that_is_none_is_a_kernel_error(text: str, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        load_kernel(text)
