from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.errors import ImageFileError
from dilcli.files import StripFrame, read, write_strips, zarr_write
from dilcli.files.formats import FORMATS
from tests.files import makers

zarr = pytest.importorskip("zarr")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def _frame(array: NDArray[Any], heights: list[int]) -> StripFrame:
    ends = np.minimum(np.cumsum(heights), len(array))
    return StripFrame(array.shape, array.dtype, np.split(array, ends))


def _write(
    path: Path, array: NDArray[Any], heights: tuple[int, ...] = (3, 1), **options: Any
) -> None:
    write_strips(path, "zarr", [_frame(array, list(heights))], **options)


def _metadata(path: Path) -> Any:
    return json.loads((path / "zarr.json").read_text())


@given(
    st.lists(st.integers(1, 23), min_size=2, max_size=3),
    st.sampled_from(FORMATS["zarr"].samples),
    st.lists(st.integers(0, 9), max_size=12),
    st.integers(1, 3),
)
def test_strips_of_any_height_make_the_array(
    shape: list[int], dtype: str, heights: list[int], threads: int
) -> None:
    array = makers.noise(tuple(shape), dtype)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(zarr_write, "_CHUNK", 5)
        path = Path(folder) / "x.zarr"
        _write(path, array, tuple(heights), threads=threads)
        made = zarr.open_array(path, mode="r")
        assert (made.metadata.zarr_format, made.dtype) == (3, array.dtype)
        np.testing.assert_array_equal(made[...], array)
        np.testing.assert_array_equal(read(path).frames[0], array)
        assert [entry.name for entry in Path(folder).iterdir()] == ["x.zarr"]


def test_chunks_are_512_rows_and_columns_with_all_channels_and_axes_have_names(
    tmp_path: Path,
) -> None:
    _write(tmp_path / "a.zarr", np.zeros((600, 513, 3), np.uint8), (600,))
    _write(tmp_path / "b.zarr", np.zeros((20, 700), np.uint8), (20,))
    a, b = (zarr.open_array(tmp_path / name, mode="r") for name in ("a.zarr", "b.zarr"))
    assert (a.chunks, b.chunks) == ((512, 512, 3), (20, 512))
    assert (a.metadata.dimension_names, b.metadata.dimension_names) == (("y", "x", "c"), ("y", "x"))


def test_a_chunk_of_very_many_channels_stays_small_enough_to_compress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zarr_write, "_CHUNK_BYTES", 512 * 512 * 2 * 4)
    array = makers.noise((6, 5, 9), "uint16")
    _write(tmp_path / "x.zarr", array)
    assert zarr.open_array(tmp_path / "x.zarr", mode="r").chunks == (6, 5, 4)
    np.testing.assert_array_equal(read(tmp_path / "x.zarr").frames[0], array)


def test_every_chunk_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zarr_write, "_CHUNK", 8)
    stored: list[str] = []
    plain = zarr.storage.LocalStore.set

    async def recording(self: Any, key: str, value: Any) -> None:
        stored.append(key)
        await plain(self, key, value)

    monkeypatch.setattr(zarr.storage.LocalStore, "set", recording)
    _write(tmp_path / "x.zarr", makers.noise((30, 16)), (3, 3, 3, 20))
    chunks = [f"c/{y}/{x}" for y in range(4) for x in range(2)]
    assert sorted(key for key in stored if key.startswith("c/")) == chunks


@pytest.mark.parametrize(
    ("compression", "expected"),
    [
        (None, {"level": 0, "checksum": False}),
        ("none", None),
        (0, None),
        (1, {"level": 1, "checksum": False}),
        ("9", {"level": 9, "checksum": False}),
    ],
)
def test_the_compression_is_zstd_of_the_level_or_none(
    tmp_path: Path, compression: Any, expected: dict[str, Any] | None
) -> None:
    array = makers.noise((6, 5))
    _write(tmp_path / "x.zarr", array, compression=compression)
    codecs = _metadata(tmp_path / "x.zarr")["codecs"]
    assert [c["configuration"] for c in codecs if c["name"] == "zstd"] == [expected] * bool(
        expected
    )
    assert len(codecs) == 1 + bool(expected)
    np.testing.assert_array_equal(read(tmp_path / "x.zarr").frames[0], array)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_a_chunk_of_zeros_is_written_and_keeps_its_sign(tmp_path: Path, zero: float) -> None:
    _write(tmp_path / "x.zarr", np.full((6, 5), zero))
    assert (tmp_path / "x.zarr" / "c" / "0" / "0").is_file()
    assert (np.signbit(read(tmp_path / "x.zarr").frames[0]) == np.signbit(zero)).all()


def test_an_output_that_exists_stays_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    path, old, new = tmp_path / "x.zarr", makers.noise((6, 5)), makers.noise((4, 4), seed=1)
    _write(path, old)
    with pytest.raises(ImageFileError, match=r"output exists: .*x\.zarr \(use --overwrite\)"):
        _write(path, new)
    np.testing.assert_array_equal(read(path).frames[0], old)
    _write(path, new, overwrite=True)
    np.testing.assert_array_equal(read(path).frames[0], new)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.zarr"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_that_is_no_store_is_never_overwritten(tmp_path: Path, overwrite: bool) -> None:
    path = tmp_path / "x.zarr"
    path.mkdir()
    (path / "thesis.txt").touch()
    with pytest.raises(ImageFileError, match=r"x\.zarr: is a folder but no Zarr store, and stays"):
        _write(path, makers.noise((6, 5)), overwrite=overwrite)
    assert [entry.name for entry in path.iterdir()] == ["thesis.txt"]
    (path / "thesis.txt").unlink()
    if overwrite:
        _write(path, makers.noise((6, 5)), overwrite=True)
        assert read(path).frames[0].shape == (6, 5)


class _BrokenError(Exception):
    """What a filter might raise."""


@pytest.mark.parametrize("exists", [False, True])
def test_what_the_strips_raise_passes_and_leaves_nothing_behind(
    tmp_path: Path, exists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zarr_write, "_CHUNK", 2)
    path, old = tmp_path / "x.zarr", makers.noise((6, 5))
    if exists:
        _write(path, old)

    def strips() -> Iterator[NDArray[Any]]:
        yield old[:4]
        assert any(tmp_path.glob(".*")), "it is in the making"
        raise _BrokenError

    with pytest.raises(_BrokenError):
        write_strips(path, "zarr", [StripFrame(old.shape, old.dtype, strips())], overwrite=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.zarr"] * exists
    if exists:
        np.testing.assert_array_equal(read(path).frames[0], old)


@pytest.mark.parametrize("failing", ["zarr.json", "c/"])
def test_what_zarr_raises_is_one_line_and_leaves_nothing_behind(
    tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = zarr.storage.LocalStore.set

    async def refuse(self: Any, key: str, value: Any) -> None:
        if key.startswith(failing):
            raise OSError(28, "No space left on device")
        await plain(self, key, value)

    monkeypatch.setattr(zarr.storage.LocalStore, "set", refuse)
    with pytest.raises(ImageFileError, match=r"x\.zarr: cannot write Zarr: No space left on devic"):
        _write(tmp_path / "x.zarr", makers.noise((6, 5)))
    assert list(tmp_path.iterdir()) == []
