"""A picture taken apart, for a caller in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dilcli import files, starlet
from dilcli.core.kernels import parse_kernel
from dilcli.errors import ArgumentError, KernelError
from dilcli.features.starlet_decompose import Transform, decompose
from dilcli.features.starlet_sidecar import Sidecar
from dilcli.features.starlet_targets import Naming

if TYPE_CHECKING:
    from pathlib import Path

B3 = parse_kernel("b3")


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("stack", [False, True])
def test_files_hold_the_planes_of_the_core(generation: int, stack: bool, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (7, 9, 3), np.uint16)
    np.save(tmp_path / "a.npy", pixels)
    transform = Transform(3, B3, "wrap", generation=generation)
    naming = Naming(folder=tmp_path, stack=stack)
    path = tmp_path / "a.npy"
    made = decompose(path, str(path), transform, naming)
    frames = [frame for plane in made.targets.planes for frame in files.read(plane).frames]
    wanted = starlet(pixels, 3, boundary="wrap", generation=generation)
    np.testing.assert_array_equal(frames, wanted.astype(np.float32))
    assert made.difference == 0
    assert Sidecar.read(made.targets.sidecar) == made.sidecar


def test_a_kernel_or_fill_without_meaning_is_refused_before_the_input_is_read() -> None:
    with pytest.raises(KernelError):
        decompose(b"", "-", Transform(1, parse_kernel("sobel-x")), Naming())
    with pytest.raises(ArgumentError, match="finite"):
        decompose(b"", "-", Transform(1, B3, "constant", float("inf")), Naming())


def test_the_difference_is_that_of_the_planes_as_they_are_stored(tmp_path: Path) -> None:
    pixels = np.array([[0, 1 << 40], [3, (1 << 40) + 1]])
    np.save(tmp_path / "a.npy", pixels)
    path = tmp_path / "a.npy"
    rounded = decompose(path, str(path), Transform(2, B3), Naming(folder=tmp_path))
    assert rounded.difference is not None
    assert rounded.difference > 1
    exact = decompose(path, str(path), Transform(2, B3), Naming(folder=tmp_path, planes="npy"))
    assert exact.difference == 0
