from __future__ import annotations

import io
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.files import npy
from dilcli.files.formats import FORMATS
from dilcli.files.records import Options, Picture, Source
from tests.files import makers

if TYPE_CHECKING:
    from pathlib import Path


def _saved(array: Any, **options: Any) -> Source:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return Source("x.npy", data=buffer.getvalue())


@pytest.mark.parametrize("dtype", FORMATS["npy"].samples)
@pytest.mark.parametrize("shape", [(7,), (5, 6), (5, 6, 1), (5, 6, 4), (5, 6, 9)])
def test_every_type_and_rank_is_exact_both_ways(dtype: str, shape: tuple[int, ...]) -> None:
    array = makers.noise(shape, dtype)
    source = _saved(array)
    header, decoded = npy.inspect(source), npy.decode(source, (0,))
    assert (header.shape, header.dtype, header.alpha, header.frames) == (shape, dtype, False, 1)
    np.testing.assert_array_equal(decoded.frames[0], array)
    assert not decoded.alpha
    data = npy.encode(Picture(decoded.frames, False, "npy"), Options("npy"))
    back = np.load(io.BytesIO(data), allow_pickle=False)
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype


@pytest.mark.parametrize("dtype", [">u2", ">f4", ">i8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_other_byte_orders_and_fortran_order_become_native(dtype: str, order: Any) -> None:
    array = np.asarray(np.arange(12).reshape(3, 4), dtype=dtype, order=order)
    (found,) = npy.decode(_saved(array), (0,)).frames
    np.testing.assert_array_equal(found, array)
    assert found.dtype.isnative
    assert found.flags.c_contiguous


def test_bool_becomes_0_and_255_and_that_is_said() -> None:
    array = makers.noise((3, 4)) > 127
    source = _saved(array)
    decoded = npy.decode(source, (0,))
    np.testing.assert_array_equal(decoded.frames[0], array * 255)
    assert npy.inspect(source).dtype == "uint8"
    assert decoded.notes == ("bool widened to 0 and 255",)


@pytest.mark.parametrize(
    "array",
    [
        np.float64(3.0),
        np.zeros((2, 2, 2, 2)),
        np.zeros((0, 5)),
        np.zeros((2, 2), complex),
        np.zeros(3, [("a", int)]),
        np.array(["a", "b"]),
        np.zeros(3, "M8[s]"),
        np.zeros((2, 2), np.longdouble),
    ],
)
def test_what_is_no_picture_is_refused(array: Any) -> None:
    with pytest.raises(ImageFileError, match=r"x\.npy: an array of"):
        npy.inspect(_saved(array))


def test_an_array_of_objects_is_never_unpickled() -> None:
    source = _saved(np.array([print, 1], dtype=object), allow_pickle=True)
    for act in (npy.inspect, lambda s: npy.decode(s, (0,))):
        with pytest.raises(ImageFileError, match="not read"):
            act(source)


def test_a_promise_that_the_file_does_not_keep_is_found_before_memory_is_asked_for() -> None:
    source = _saved(np.zeros((4, 4)))
    assert source.data is not None
    with pytest.raises(ImageFileError, match="cut off"):
        npy.inspect(Source("x.npy", data=source.data[:-1]))
    huge = source.data.replace(b"(4, 4)", b"(9999999, 9999999)").replace(b" " * 12 + b"\n", b"\n")
    with pytest.raises(ImageFileError, match="cut off"):
        npy.inspect(Source("x.npy", data=huge))


def test_a_later_version_is_refused() -> None:
    data = _saved(np.zeros((2, 2))).bytes()
    with pytest.raises(ImageFileError, match=r"version 3\.0"):
        npy.inspect(Source("x.npy", data=data[:6] + b"\x03\0" + data[8:]))


def test_a_file_is_read_like_its_bytes(tmp_path: Path) -> None:
    array = makers.noise((5, 6), "float32")
    np.save(tmp_path / "x.npy", array)
    (found,) = npy.decode(Source("x", path=tmp_path / "x.npy"), (0,)).frames
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize("dtype", [*FORMATS["npy"].samples, ">u2", ">f8", "bool"])
@pytest.mark.parametrize("shape", [(13, 6), (13, 6, 1), (13, 6, 4)])
def test_rows_read_apart_are_the_rows_read_whole(
    dtype: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", makers.noise(shape, "uint8").astype(dtype))
    whole = files.read(tmp_path / "x.npy")
    with files.open_rows(tmp_path / "x.npy") as picture:
        (rows,) = picture.frames
        assert (rows.shape, rows.dtype, rows.together) == (shape, whole.frames[0].dtype, 1)
        assert (picture.alpha, picture.format) == (False, "npy")
        assert (picture.metadata, picture.notes) == (whole.metadata, whole.notes)
        for first, last in ((0, 4), (3, 9), (12, 13), (5, 5), (0, 13)):
            expected = whole.frames[0].reshape(13, 6, -1)[first:last]
            found = rows.read(first, last)
            np.testing.assert_array_equal(found, expected)
            assert found.dtype == rows.dtype
        with pytest.raises(ImageFileError, match="no rows 9 to 14, only 0 to 13"):
            rows.read(9, 14)


def test_what_has_no_rows_that_follow_one_another_is_refused_in_one_line(tmp_path: Path) -> None:
    np.save(tmp_path / "line.npy", makers.noise((5,)))
    np.save(tmp_path / "fortran.npy", np.asfortranarray(makers.noise((5, 6))))
    for name, said in (("line", "one-dimensional"), ("fortran", "Fortran order")):
        with (
            pytest.raises(ImageFileError, match=rf"{name}\.npy: .*{said}.* whole"),
            files.open_rows(tmp_path / f"{name}.npy"),
        ):
            pass


def test_a_file_that_is_cut_off_meanwhile_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, makers.noise((500, 600)))
    with files.open_rows(path) as picture:
        with path.open("r+b") as file:
            file.truncate(200_000)
        with pytest.raises(ImageFileError, match=r"x\.npy: cannot decode NPY: .* cut off"):
            picture.frames[0].read(400, 500)


def test_only_the_bytes_of_the_wanted_rows_are_held(tmp_path: Path) -> None:
    array = makers.noise((4096, 1024))
    np.save(tmp_path / "x.npy", array)
    with files.open_rows(tmp_path / "x.npy") as picture:
        tracemalloc.start()
        found = picture.frames[0].read(4000, 4008)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    np.testing.assert_array_equal(found[..., 0], array[4000:4008])
    assert peak < 32 * 1024


@pytest.mark.parametrize("dtype", FORMATS["npy"].samples)
@pytest.mark.parametrize("shape", [(13, 6), (13, 6, 1), (13, 6, 4)])
@pytest.mark.parametrize("step", [1, 5, 20])
def test_strips_make_the_same_file_as_whole_writing(
    dtype: str, shape: tuple[int, ...], step: int, tmp_path: Path
) -> None:
    array = makers.noise(shape, dtype)
    strips = (array[first : first + step] for first in range(0, 13, step))
    frame = files.StripFrame(shape, array.dtype, strips)
    files.write_strips(tmp_path / "x.npy", "npy", [frame])
    expected = npy.encode(Picture((array,), False, "npy"), Options("npy"))
    assert (tmp_path / "x.npy").read_bytes() == expected


def test_strips_that_are_other_than_promised_leave_no_file(tmp_path: Path) -> None:
    array = makers.noise((5, 6))
    frame = files.StripFrame((6, 6), array.dtype, [array])
    with pytest.raises(ImageFileError, match="strips of 5 rows for a frame of 6 rows"):
        files.write_strips(tmp_path / "x.npy", "npy", [frame])
    with pytest.raises(ImageFileError, match="one array, not 2 frames"):
        files.write_strips(tmp_path / "x.npy", "npy", [frame, frame], count=2)
    assert list(tmp_path.iterdir()) == []
