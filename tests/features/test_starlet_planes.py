"""Which plane each file is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dilcli.core.kernels import parse_kernel
from dilcli.errors import ArgumentError
from dilcli.features.starlet_decompose import Transform, decompose
from dilcli.features.starlet_planes import find_planes
from dilcli.features.starlet_targets import Naming

Names = list[str]


@pytest.fixture
def made(tmp_path: Path) -> Names:
    """Write two levels of a picture, and name its planes from coarse to fine."""
    np.save(tmp_path / "a.npy", np.arange(12.0).reshape(3, 4, 1))
    path = tmp_path / "a.npy"
    transform = Transform(2, parse_kernel("b3"))
    found = decompose(path, str(path), transform, Naming(folder=tmp_path))
    return [str(plane) for plane in reversed(found.targets.planes)]


def test_names_and_record_tell_the_order(made: Names) -> None:
    found = find_planes(made)
    assert [path.stem for path in found.planes] == ["a_w1", "a_w2", "a_c2"]
    assert found.sidecar is not None


def test_names_alone_do_too(made: Names) -> None:
    Path(f"{made[0]}.json").unlink()
    found = find_planes(made)
    assert [path.stem for path in found.planes] == ["a_w1", "a_w2", "a_c2"]
    assert found.sidecar is None


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["x_w1.tif", "x_w3.tif", "x_c2.tif"], "w2 is missing"),
        (["x_w1.tif", "x_w2.tif", "x_c1.tif"], "w2 is one too many"),
        (["x_w1.tif", "x_c1.tif", "x_c2.tif"], "two transforms"),
        (["x_w0.tif", "x_c1.tif"], "which plane is it"),
        (["x_draw1.tif", "x_c1.tif"], "which plane is it"),
        (["", "x_c1.tif"], "which plane is it"),
        ([], "no plane is named"),
    ],
)
def test_what_is_no_transform_is_refused(names: Names, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        find_planes(names)
