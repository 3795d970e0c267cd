from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.errors import ImageFileError
from dilcli.files import inspect, open_rows, read, zarr_store
from dilcli.files.formats import FORMATS
from tests.files import makers

zarr = pytest.importorskip("zarr")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

AXIS_TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def _store(path: Path, array: NDArray[Any], *, name: str | None = None, **options: Any) -> Path:
    """Make a store that holds one array, at its root or, with a name, in a group."""
    made = zarr.create_array(path, name=name, shape=array.shape, dtype=array.dtype, **options)
    made[...] = array
    return path


def _ome(path: Path, array: NDArray[Any], axes: str, version: str, **options: Any) -> Path:
    """Make an OME-Zarr of two levels; the second is one that nobody should read."""
    names = [{"name": name, "type": AXIS_TYPES[name]} for name in axes]
    datasets = [{"path": "0"}, {"path": "1"}]
    scales: dict[str, Any] = {"multiscales": [{"axes": names, "datasets": datasets}]}
    zarr_format: Any = 2 if version == "0.4" else 3
    group = zarr.open_group(path, mode="w", zarr_format=zarr_format)
    group.attrs.update(scales if version == "0.4" else {"ome": {"version": version} | scales})
    _store(path, array, name="0", zarr_format=zarr_format, **options)
    _store(path, array[..., ::2, ::2], name="1", zarr_format=zarr_format)
    return path


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "x.zarr"


@st.composite
def _arrays(draw: st.DrawFn) -> tuple[NDArray[Any], dict[str, Any]]:
    """Arrays and the ways in which zarr may lay them down."""
    shape = draw(st.lists(st.integers(1, 11), min_size=2, max_size=3))
    array = makers.noise(tuple(shape), draw(st.sampled_from(FORMATS["zarr"].samples)))
    chunks = [draw(st.integers(1, side + 2)) for side in shape]
    options: dict[str, Any] = {
        "chunks": tuple(chunks),
        "zarr_format": draw(st.sampled_from((2, 3))),
    }
    if options["zarr_format"] == 2:
        options["order"] = draw(st.sampled_from("CF"))
        array = array.astype(array.dtype.newbyteorder(draw(st.sampled_from("<>"))))
    elif draw(st.booleans()):
        options["shards"] = tuple(chunk * draw(st.integers(1, 3)) for chunk in chunks)
    if draw(st.booleans()):
        options["compressors"] = None
    return array, options


@given(_arrays())
def test_every_layout_is_read_exactly(drawn: tuple[NDArray[Any], dict[str, Any]]) -> None:
    array, options = drawn
    with _folder() as path:
        _store(path, array, **options)
        header, picture = inspect(path), read(path)
    (found,) = picture.frames
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype.newbyteorder("=")
    assert found.flags.c_contiguous
    assert (header.format, header.shape, header.dtype) == ("zarr", array.shape, found.dtype.name)
    pixels = array.shape[0] * array.shape[1]
    assert (header.alpha, header.frames, header.pixels) == (False, 1, (pixels,))
    assert (picture.alpha, picture.format, picture.notes) == (False, "zarr", ())


@given(_arrays(), st.data())
def test_rows_are_those_of_the_whole_picture_in_whatever_order_they_are_asked_for(
    drawn: tuple[NDArray[Any], dict[str, Any]], data: st.DataObject
) -> None:
    array, options = drawn
    whole = array.reshape(*array.shape[:2], -1)
    with _folder() as path:
        _store(path, array, **options)
        with open_rows(path, threads=2) as picture:
            (rows,) = picture.frames
            assert (rows.shape, rows.dtype) == (array.shape, array.dtype.newbyteorder("="))
            assert rows.together == min(options["chunks"][0], array.shape[0])
            for _ in range(5):
                first = data.draw(st.integers(0, len(array) - 1))
                last = data.draw(st.integers(first + 1, len(array)))
                found = rows.read(first, last)
                np.testing.assert_array_equal(found, whole[first:last])
                assert found.flags.c_contiguous
                assert found.dtype.isnative
                assert not found.flags.writeable


@given(
    st.sampled_from(["yx", "cyx", "tczyx", "zyx", "tyx", "yxc", "czyx", "xy", "xcy"]),
    st.sampled_from(["0.4", "0.5"]),
    st.integers(1, 4),
)
def test_the_first_level_of_an_ome_zarr_is_the_picture_with_channels_last(
    axes: str, version: str, channels: int
) -> None:
    sizes = {"t": 1, "z": 1, "c": channels, "y": 9, "x": 7}
    array = makers.noise(tuple(sizes[name] for name in axes), "uint16")
    picked = array[tuple(0 if name in "tz" else slice(None) for name in axes)]
    left = [name for name in axes if name not in "tz"]
    expected = picked.transpose([left.index(name) for name in "yxc" if name in left])
    chunks = tuple(1 if name == "c" else min(4, sizes[name]) for name in axes)
    with _folder() as path:
        _ome(path, array, axes, version, chunks=chunks)
        assert inspect(path).shape == expected.shape
        np.testing.assert_array_equal(read(path).frames[0], expected)
        with open_rows(path) as picture:
            assert picture.frames[0].together == 4
            found = picture.frames[0].read(3, 6)
        np.testing.assert_array_equal(found, expected.reshape(9, 7, -1)[3:6])


@pytest.mark.parametrize("sharded", [False, True])
def test_strips_that_overlap_decode_no_chunk_twice(
    tmp_path: Path, sharded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are asked for as a filter does: with a margin above and below, from top to bottom."""
    options: dict[str, Any] = {"shards": (16, 32)} if sharded else {}
    path = _store(tmp_path / "x.zarr", makers.noise((64, 32)), chunks=(8, 8), **options)
    decoded: list[tuple[int, int]] = []
    plain = zarr_store._Rows._decoded

    def recording(self: zarr_store._Rows, start: int, stop: int) -> NDArray[Any]:
        decoded.append((start, stop))
        return plain(self, start, stop)

    monkeypatch.setattr(zarr_store._Rows, "_decoded", recording)
    with open_rows(path) as picture:
        for first in range(0, 64, 10):
            picture.frames[0].read(max(first - 3, 0), min(first + 13, 64))
        picture.frames[0].read(50, 52)
    assert all(start % 8 == stop % 8 == 0 for start, stop in decoded)
    assert [row for start, stop in decoded for row in range(start, stop)] == [
        *range(64),
        *range(48, 56),
    ]


def test_bool_becomes_0_and_255_and_that_is_said(tmp_path: Path) -> None:
    array = makers.noise((5, 6)) > 127
    path = _store(tmp_path / "x.zarr", array)
    picture = read(path)
    np.testing.assert_array_equal(picture.frames[0], array * 255)
    assert inspect(path).dtype == picture.frames[0].dtype.name == "uint8"
    assert picture.notes == ("bool widened to 0 and 255",)
    with open_rows(path) as opened:
        assert opened.notes == picture.notes
        np.testing.assert_array_equal(opened.frames[0].read(1, 3)[..., 0], array[1:3] * 255)


def test_chunks_that_were_never_written_are_the_fill_value(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "x.zarr", shape=(5, 6), dtype="uint8", fill_value=9)
    np.testing.assert_array_equal(read(tmp_path / "x.zarr").frames[0], np.full((5, 6), 9))


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_group_with_one_array_is_that_array(tmp_path: Path, zarr_format: Any) -> None:
    array = makers.noise((5, 6, 3))
    zarr.open_group(tmp_path / "x.zarr", mode="w", zarr_format=zarr_format).create_group("other")
    path = _store(tmp_path / "x.zarr", array, name="only", zarr_format=zarr_format)
    np.testing.assert_array_equal(read(path).frames[0], array)
    np.testing.assert_array_equal(read(path / "only").frames[0], array)


def test_a_group_that_is_no_picture_says_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "x.zarr"
    group = zarr.open_group(path, mode="w")
    with pytest.raises(ImageFileError, match=r"x\.zarr: an empty Zarr group; there must be an "):
        inspect(path)
    group.create_group("0")
    with pytest.raises(ImageFileError, match=r"only groups \(0\); name one of them: .*x\.zarr/0$"):
        inspect(path)
    for name in "kjihgfedcb":
        _store(path, makers.noise((5, 6)), name=name)
    said = r"holds 10 arrays \(b, c, d, e, f, g, h, i, \.\.\.\); name one of them: .*x\.zarr/b$"
    with pytest.raises(ImageFileError, match=said):
        read(path)


@pytest.mark.parametrize(
    ("shape", "dtype", "said"),
    [
        ((7,), "uint8", r"shape \(7,\) is no picture without OME-Zarr axes; use \(H, W\)"),
        ((1, 1, 5, 6), "uint8", r"shape \(1, 1, 5, 6\) is no picture"),
        ((), "uint8", r"shape \(\) is no picture"),
        ((0, 6), "uint8", r"shape \(0, 6\) is no picture; it has no pixels"),
        ((5, 6, 0), "uint8", "no pixels"),
        ((5, 6), "complex64", "an array of complex64 is not read; integers, floats and bool are"),
        ((5, 6), "S3", "is not read"),
        ((5, 6), "datetime64[s]", "is not read"),
        ((5, 6), [("a", "u1"), ("b", "f4")], "is not read"),
        ((5, 6), str, "is not read"),
    ],
)
def test_arrays_that_are_no_picture_are_one_line(
    tmp_path: Path, shape: tuple[int, ...], dtype: Any, said: str
) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        zarr.create_array(tmp_path / "x.zarr", shape=shape, dtype=dtype, zarr_format=2)
    for looked in (inspect, read):
        with pytest.raises(ImageFileError, match=rf"x\.zarr: .*{said}") as caught:
            looked(tmp_path / "x.zarr")
        assert "\n" not in str(caught.value)


def test_a_stack_is_refused_with_what_would_be_right(tmp_path: Path) -> None:
    path = _ome(tmp_path / "x.zarr", makers.noise((1, 2, 12, 5, 6)), "tczyx", "0.5")
    with pytest.raises(ImageFileError, match=r"z has length 12 and must have 1.*on its own"):
        inspect(path)


def _metadata(path: Path, level: str = "") -> tuple[Path, dict[str, Any]]:
    file = path / level / "zarr.json"
    return file, json.loads(file.read_text())


def test_a_level_that_is_missing_or_a_group_is_one_line(tmp_path: Path) -> None:
    path = _ome(tmp_path / "x.zarr", makers.noise((5, 6)), "yx", "0.5")
    shutil.rmtree(path / "0")
    for _ in range(2):
        with pytest.raises(ImageFileError, match="'0', its first OME-Zarr level, is no array"):
            inspect(path)
        zarr.open_group(path, path="0", mode="w")


def test_a_level_outside_of_the_store_is_refused(tmp_path: Path) -> None:
    _store(tmp_path / "secret.zarr", makers.noise((5, 6)))
    path = _ome(tmp_path / "x.zarr", makers.noise((5, 6)), "yx", "0.5")
    file, metadata = _metadata(path)
    metadata["attributes"]["ome"]["multiscales"][0]["datasets"][0]["path"] = "../secret.zarr"
    file.write_text(json.dumps(metadata))
    with pytest.raises(ImageFileError, match="cannot read Zarr: The path"):
        inspect(path)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "\xff"),
        '{"zarr_format": 4, "node_type": "array"}',
        '{"zarr_format": 3, "node_type": "array"}',
        '{"zarr_format": 3, "node_type": "door"}',
    ],
)
def test_damaged_metadata_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.zarr").mkdir()
    (tmp_path / "x.zarr" / "zarr.json").write_text(text, encoding="latin-1")
    for looked in (inspect, read):
        with pytest.raises(ImageFileError, match=r"x\.zarr: .*Zarr") as caught:
            looked(tmp_path / "x.zarr")
        assert "\n" not in str(caught.value)
    with pytest.raises(ImageFileError, match="cannot read Zarr"), open_rows(tmp_path / "x.zarr"):
        pass


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_damaged_chunk_is_one_line_whole_and_by_rows(tmp_path: Path, zarr_format: Any) -> None:
    path = _store(tmp_path / "x.zarr", makers.noise((8, 6)), chunks=(4, 6), zarr_format=zarr_format)
    chunk = path / ("1.0" if zarr_format == 2 else "c/1/0")
    chunk.write_bytes(chunk.read_bytes()[:9])
    with pytest.raises(ImageFileError, match=r"x\.zarr: cannot decode Zarr: ."):
        read(path)
    with (
        pytest.raises(ImageFileError, match=r"x\.zarr: cannot (read|decode) Zarr: ."),
        open_rows(path) as picture,
    ):
        assert all(picture.frames[0].read(first, first + 3).size for first in (0, 2))


def test_a_store_holds_one_frame_and_the_limit_of_pixels_is_held(tmp_path: Path) -> None:
    path = _store(tmp_path / "x.zarr", makers.noise((5, 6)))
    with pytest.raises(ImageFileError, match="has no frame 1, only one frame, 0"):
        read(path, frames=[1])
    with pytest.raises(ImageFileError, match="30 pixels are more than the limit of 29"):
        read(path, max_pixels=29)


def test_without_the_package_reading_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _store(tmp_path / "x.zarr", makers.noise((5, 6)))
    monkeypatch.setitem(sys.modules, "zarr", None)
    for looked in (inspect, read):
        with pytest.raises(ImageFileError, match=r"x\.zarr: Zarr needs: pip install dilcli\[zarr"):
            looked(path)
    with pytest.raises(ImageFileError, match="Zarr needs"), open_rows(path):
        pass


def test_a_folder_is_no_stream_of_bytes() -> None:
    from dilcli.files import Picture, encode

    with pytest.raises(ImageFileError, match=r"Zarr is a folder .*name an output that ends \.zarr"):
        encode(Picture((makers.noise((5, 6)),), False, "x"), "zarr")
