from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import files
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.files.formats import FORMATS, missing_package
from dilcli.files.records import Metadata
from tests.files import makers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BY_STRIPS = [n for n, kind in FORMATS.items() if kind.strips and not missing_package(n)]
WHOLE = [n for n, kind in FORMATS.items() if kind.written and not (kind.strips or kind.needs)]


def _frame(image: Any, step: int = 5) -> files.StripFrame:
    strips = (image[first : first + step] for first in range(0, len(image), step))
    return files.StripFrame(image.shape, image.dtype, strips)


@pytest.mark.parametrize("format_", BY_STRIPS)
@pytest.mark.parametrize("shape", [(23, 7), (23, 7, 3), (23, 7, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("step", [1, 5, 30])
def test_what_is_written_by_strips_is_read_whole_and_by_strips(
    format_: str, shape: tuple[int, ...], dtype: str, step: int, tmp_path: Path
) -> None:
    image, path = makers.noise(shape, dtype), tmp_path / "x"
    alpha = shape[-1] == 4 and FORMATS[format_].alpha
    files.write_strips(path, format_, [_frame(image, step)], alpha=alpha, threads=2)
    whole = files.read(path)
    np.testing.assert_array_equal(whole.frames[0], image)
    assert (whole.alpha, whole.format) == (alpha, format_)
    with files.open_rows(path, threads=2) as picture:
        (rows,) = picture.frames
        assert (rows.shape, rows.dtype) == (shape, image.dtype)
        assert (picture.alpha, picture.format) == (alpha, format_)
        for first in range(0, 23, step):
            found = rows.read(first, min(first + step, 23))
            assert found.ndim == 3
            np.testing.assert_array_equal(
                found.reshape(-1, *shape[1:]), image[first : first + step]
            )


@pytest.mark.parametrize("format_", WHOLE)
def test_other_formats_are_refused_by_name(format_: str, tmp_path: Path) -> None:
    dtype = "float32" if format_ == "pfm" else "uint8"
    picture = files.Picture((makers.noise((9, 7), dtype),), False, "x")
    (tmp_path / "x").write_bytes(files.encode(picture, format_))
    title = FORMATS[format_].title
    with (
        pytest.raises(ImageFileError, match=rf"x: {title} is decoded whole, not strip by strip$"),
        files.open_rows(tmp_path / "x"),
    ):
        pytest.fail("the block runs")


def _tiff(folder: Path, image: Any) -> Path:
    path = folder / "x.tif"
    files.write_strips(path, "tiff", [_frame(image)])
    return path


def test_errors_of_the_block_are_its_own(tmp_path: Path) -> None:
    path = _tiff(tmp_path, makers.noise((9, 7)))
    with pytest.raises(KeyError, match="mine"), files.open_rows(path):
        raise KeyError("mine")
    with pytest.warns(UserWarning, match="mine"), files.open_rows(path):
        warnings.warn("mine", stacklevel=1)


def test_errors_of_reading_rows_name_the_file(tmp_path: Path) -> None:
    path = _tiff(tmp_path, makers.noise((9, 7)))
    with (
        files.open_rows(path, name="hill") as picture,
        pytest.raises(ImageFileError, match=r"^hill: cannot decode TIFF: "),
    ):
        picture.frames[0].read(3, 99)


def test_frames_are_chosen_as_by_reading(tmp_path: Path) -> None:
    images = [makers.noise((9, 7), seed=seed) for seed in range(3)]
    path = tmp_path / "x.tif"
    files.write_strips(path, "tiff", [_frame(image) for image in images], count=3)
    with files.open_rows(path, frames=lambda count: (count - 1, 0)) as picture:
        for rows, image in zip(picture.frames, (images[2], images[0]), strict=True):
            np.testing.assert_array_equal(rows.read(0, 9)[..., 0], image)
    with (
        pytest.raises(ImageFileError, match="has no frame 3, only frames 0 to 2"),
        files.open_rows(path, frames=[3]),
    ):
        pytest.fail("the block runs")


@pytest.mark.parametrize("format_", BY_STRIPS)
@pytest.mark.parametrize(
    "error", [KeyError("mine"), OSError("mine"), ImageFileError("mine"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("where", ["strips", "frames"])
def test_what_making_the_picture_raises_passes_through_and_leaves_nothing(
    format_: str, error: BaseException, where: str, tmp_path: Path
) -> None:
    image = makers.noise((9, 7))

    def strips() -> Iterator[Any]:
        yield image[:4]
        if where == "strips":
            raise error
        yield image[4:]

    def frames() -> Iterator[files.StripFrame]:
        yield files.StripFrame(image.shape, image.dtype, strips())
        raise error

    with pytest.raises(type(error)) as caught:
        files.write_strips(tmp_path / "x", format_, frames())
    assert caught.value is error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_", BY_STRIPS)
def test_an_existing_output_stays_unless_overwriting_is_asked_for(
    format_: str, tmp_path: Path
) -> None:
    old, new = makers.noise((9, 7)), makers.noise((9, 7), seed=1)
    path = tmp_path / "x"
    files.write_strips(path, format_, [_frame(old)])
    with pytest.raises(ImageFileError, match=r"^output exists: .*x \(use --overwrite\)$"):
        files.write_strips(path, format_, [_frame(new)])
    np.testing.assert_array_equal(files.read(path).frames[0], old)
    files.write_strips(path, format_, [_frame(new)], overwrite=True)
    np.testing.assert_array_equal(files.read(path).frames[0], new)
    assert [each.name for each in tmp_path.iterdir()] == ["x"]


def test_a_picture_may_be_made_from_the_one_that_it_replaces(tmp_path: Path) -> None:
    image = makers.noise((23, 7))
    path = _tiff(tmp_path, image)
    with files.open_rows(path) as picture:
        rows = picture.frames[0]
        strips = (255 - rows.read(y, min(y + 4, 23)) for y in range(0, 23, 4))
        frame = files.StripFrame(rows.shape, rows.dtype, strips)
        files.write_strips(path, "tiff", [frame], overwrite=True)
    np.testing.assert_array_equal(files.read(path).frames[0], 255 - image)


def test_metadata_is_kept_or_stripped(tmp_path: Path) -> None:
    image, path = makers.noise((9, 7)), tmp_path / "x.tif"
    metadata = Metadata(xmp=b"<x/>", resolution=(300.0, 300.0), exif=makers.exif("<", 1))
    files.write_strips(path, "tiff", [_frame(image)], metadata=metadata)
    found = files.read(path).metadata
    assert (found.xmp, found.resolution) == (b"<x/>", (300.0, 300.0))
    assert found.exif is not None
    files.write_strips(
        path, "tiff", [_frame(image)], metadata=metadata, strip_metadata=True, overwrite=True
    )
    assert files.read(path).metadata == Metadata()


def test_an_option_that_has_no_meaning_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="compression"):
        files.write_strips(tmp_path / "x", "tiff", [_frame(makers.noise((9, 7)))], compression="x")


def test_several_threads_may_read_pictures_of_their_own(tmp_path: Path) -> None:
    image = makers.noise((300, 280, 3))
    path = _tiff(tmp_path, image)
    wrong: list[int] = []

    def work() -> None:
        with files.open_rows(path, threads=2) as picture:
            for y in range(0, 300, 50):
                if not np.array_equal(picture.frames[0].read(y, y + 50), image[y : y + 50]):
                    wrong.append(y)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
