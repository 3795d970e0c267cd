"""Planes in their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dilcli import files
from dilcli.core.kernels import parse_kernel
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.machine import Means
from dilcli.features.starlet_decompose import Transform, decompose
from dilcli.features.starlet_planes import find_planes
from dilcli.features.starlet_stored import open_planes
from dilcli.features.starlet_targets import Naming

Names = list[str]
#: Everything in memory, and all that can be read by rows outside.
ENOUGH, SCARCE = Means(1, 1 << 30), Means(1, 4000)


@pytest.fixture
def made(tmp_path: Path) -> Names:
    """Write two levels of a picture, and name its planes from coarse to fine."""
    np.save(tmp_path / "a.npy", np.arange(360.0).reshape(30, 12, 1))
    path = tmp_path / "a.npy"
    found = decompose(path, str(path), Transform(2, parse_kernel("b3")), Naming(folder=tmp_path))
    return [str(plane) for plane in reversed(found.targets.planes)]


@pytest.mark.parametrize(("means", "held"), [(ENOUGH, 3 * 1440), (SCARCE, 0)])
@pytest.mark.parametrize("record", [True, False])
def test_rows_of_planes_are_read_from_memory_or_from_the_files(
    means: Means, held: int, record: bool, made: Names
) -> None:
    if not record:
        Path(f"{made[0]}.json").unlink()
    with open_planes(find_planes(made), means) as stored:
        (frame,) = stored.frames
        assert stored.held == held
        assert frame.shape == ((30, 12, 1) if record else (30, 12))
        total = sum(plane.read(7, 20).astype(np.float64) for plane in frame.planes)
    wanted = np.arange(360.0).reshape(30, 12, 1)[7:20]
    np.testing.assert_allclose(total, wanted, atol=1e-4)


def write(path: str, *frames: Any) -> None:
    picture = files.Picture(frames, alpha=False, format="tiff")
    Path(path).write_bytes(files.encode(picture, "tiff"))


def refused(names: Names, said: str) -> None:
    with (
        pytest.raises((ArgumentError, ImageFileError), match=said),
        open_planes(find_planes(names), ENOUGH),
    ):
        pass


def test_planes_that_are_not_as_the_record_says_are_refused(made: Names) -> None:
    for pixels in (np.zeros((30, 12), np.uint8), np.zeros((12, 30), np.float32)):
        write(made[1], pixels)
        refused(made, "its record says")
    write(made[1], *[np.zeros((30, 12), np.float32)] * 2)
    refused(made, "has 2 pages; want 1")


def test_integers_and_mixed_shapes_are_refused_without_a_record(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("w1.npy", "c1.npy")]
    np.save(names[0], np.zeros((2, 2)))
    np.save(names[1], np.zeros((2, 3)))
    refused(names, "differs in shape")
    np.save(names[1], np.zeros((2, 2), np.uint16))
    refused(names, "must be floats")
    refused(names[:1], "is one plane")


def test_without_a_record_pages_are_frames(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("w1.tif", "c1.tif")]
    for name in names:
        write(name, *[np.full((2, 3), page, np.float32) for page in range(3)])
    with open_planes(find_planes(names), ENOUGH) as stored:
        assert [frame.planes[1].read(0, 1)[0, 0, 0] for frame in stored.frames] == [0, 1, 2]
    write(names[1], np.zeros((2, 3), np.float32))
    refused(names, "has 1 pages; want 3")
