"""Files of planes that are made together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.starlet_files import PlaneWriting, at_once, plane_files, written
from dilcli.features.starlet_targets import Targets

if TYPE_CHECKING:
    from pathlib import Path

    from dilcli.features.starlet_files import PlaneFile

SHAPES = [(5, 4, 4), (2, 7, 4)]


def targets(folder: Path, format_: str, *, stack: bool = False, levels: int = 2) -> Targets:
    ending = {"tiff": "tif"}.get(format_, format_)
    planes = tuple(folder / f"{n}.{ending}" for n in range(1 if stack else levels + 1))
    samples = "uint16" if format_ == "png" else "float32"
    alpha = folder / f"alpha.{ending}"
    return Targets(planes, alpha, folder / "r.json", format_, samples, levels)


def rows(frame: int, plane: int, shape: tuple[int, ...], dtype: Any) -> Any:
    pixels = np.arange(np.prod(shape)).reshape(shape) + 50 * plane + 100 * frame
    return np.atleast_3d(pixels.astype(dtype))


@pytest.mark.parametrize("stack", [False, True])
@pytest.mark.parametrize("format_", ["tiff", "npy", "png"])
def test_pages_hold_what_was_handed_out(format_: str, *, stack: bool, tmp_path: Path) -> None:
    if stack and format_ != "tiff":
        return
    shapes = SHAPES if format_ == "tiff" else SHAPES[:1]
    found = plane_files(
        targets(tmp_path, format_, stack=stack), shapes, np.dtype(np.uint8), stack=stack
    )
    assert at_once(found, format_) == (format_ != "png" and not stack)
    with written(found, PlaneWriting(format_, files.Metadata(), False, 1, 0)) as put:
        pages = [page for target in found for page in target.pages]
        for frame, shape in enumerate(shapes):
            for first in range(0, shape[0], 2):
                for page in pages:
                    if page.frame == frame:
                        whole = rows(frame, page.plane, page.shape, page.dtype)
                        put(frame, page.plane, whole[first : first + 2])
    for target in found:
        read = files.read(target.path).frames
        assert len(read) == len(target.pages)
        for frame_, page in zip(read, target.pages, strict=True):
            wanted = rows(page.frame, page.plane, page.shape, page.dtype)
            np.testing.assert_array_equal(np.atleast_3d(frame_), wanted)


def test_a_stack_has_the_planes_of_a_frame_before_those_of_the_next(tmp_path: Path) -> None:
    stack, alpha = plane_files(
        targets(tmp_path, "tiff", stack=True), SHAPES, np.dtype(np.uint8), stack=True
    )
    assert [(page.frame, page.plane) for page in stack.pages] == [
        (frame, plane) for frame in (0, 1) for plane in (0, 1, 2)
    ]
    assert [(page.frame, page.plane, page.shape) for page in alpha.pages] == [
        (0, 3, (5, 4)),
        (1, 3, (2, 7)),
    ]


def test_many_planes_are_not_open_at_the_same_time(tmp_path: Path) -> None:
    found = plane_files(
        targets(tmp_path, "npy", levels=99), [(5, 4, 4)], np.dtype(int), stack=False
    )
    assert not at_once(found, "npy")


def _give_up(put: Any, found: list[PlaneFile]) -> None:
    put(0, 0, np.zeros((2, 4, 3), found[0].pages[0].dtype))
    raise ZeroDivisionError


def _intrude(put: Any, found: list[PlaneFile], path: Path) -> None:
    path.write_text("mine")
    for target in found:
        (page,) = target.pages
        put(0, page.plane, rows(0, page.plane, page.shape, page.dtype))


@pytest.mark.parametrize("format_", ["npy", "png"])
def test_a_maker_that_fails_leaves_no_file(format_: str, tmp_path: Path) -> None:
    found = plane_files(targets(tmp_path, format_), SHAPES[:1], np.dtype(np.uint8), stack=False)
    with (
        pytest.raises(ZeroDivisionError),
        written(found, PlaneWriting(format_, files.Metadata(), False, 1, 0)) as put,
    ):
        _give_up(put, found)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    found = plane_files(targets(tmp_path, "npy"), SHAPES[:1], np.dtype(np.uint8), stack=False)
    with (
        pytest.raises(ImageFileError, match=r"output exists: .*1\.npy"),
        written(found, PlaneWriting("npy", files.Metadata(), False, 1, 0)) as put,
    ):
        _intrude(put, found, tmp_path / "1.npy")
    assert (tmp_path / "1.npy").read_text() == "mine"
