"""A picture put together, for a caller in Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dilcli import inverse_starlet, starlet
from dilcli.core.kernels import parse_kernel
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.starlet_decompose import Transform, decompose
from dilcli.features.starlet_recompose import recompose
from dilcli.features.starlet_targets import Naming


def _planes(folder: Path, generation: int) -> list[str]:
    path = folder / "a.npy"
    np.save(path, np.random.default_rng(0).integers(0, 256, (6, 7), np.uint8))
    transform = Transform(3, parse_kernel("linear"), "constant", 9.0, generation)
    made = decompose(path, str(path), transform, Naming(folder=folder, planes="npy"))
    return [str(plane) for plane in made.targets.planes]


@pytest.mark.parametrize("generation", [1, 2])
def test_gains_are_those_of_the_core(generation: int, tmp_path: Path) -> None:
    names, out = _planes(tmp_path, generation), tmp_path / "out.npy"
    made = recompose(names, out, gains=(2, 0.5), residual_gain=0.25, depth="float")
    settings = {"kernel": "linear", "boundary": "constant", "fill": 9.0, "generation": generation}
    planes = starlet(np.load(tmp_path / "a.npy"), 3, **settings)  # type: ignore[arg-type]
    wanted = inverse_starlet(planes, gains=(2, 0.5), residual_gain=0.25, **settings)  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.load(out), wanted.astype(np.float32))
    assert (made.levels, made.shape, made.dtype, made.clipped) == (3, (6, 7), "float32", 0)


def test_what_cannot_be_written_is_refused_before_planes_are_read(tmp_path: Path) -> None:
    names = _planes(tmp_path, 1)
    for name in names[:-1]:
        Path(name).write_bytes(b"")
    with pytest.raises(ImageFileError, match="PNG cannot hold float"):
        recompose(names, tmp_path / "out.png", depth="float")
    with pytest.raises(ArgumentError, match="4 values of gain"):
        recompose(names, tmp_path / "out.png", gains=(1, 2, 3, 4))
    with pytest.raises(ArgumentError, match="residual gain must be finite"):
        recompose(names, tmp_path / "out.png", residual_gain=float("nan"))
    with pytest.raises(ArgumentError, match="is not written here"):
        recompose(names, tmp_path / "out.zarr")
    with pytest.raises(ImageFileError, match=r"a_w1\.npy"):
        recompose(names, tmp_path / "out.png")
