from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from dilcli.files import png_deflate
from dilcli.files.png_deflate import deflated_rows
from tests.files import makers

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    """Predict a byte as the specification says, one at a time."""
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda each: abs(guess - each))
    return (0, left, up, (left + up) // 2)[kind]


def _unfiltered(stored: bytes, height: int, row: int, step: int) -> tuple[bytes, set[int]]:
    """Undo PNG's filters byte by byte, and tell which there were."""
    rows, kinds = [bytes(row)], set()
    for y in range(height):
        line = stored[y * (row + 1) : (y + 1) * (row + 1)]
        kinds.add(line[0])
        out = bytearray()
        for x in range(row):
            left, corner = (out[x - step], rows[-1][x - step]) if x >= step else (0, 0)
            out.append((line[1 + x] + _predicted(line[0], left, rows[-1][x], corner)) % 256)
        rows.append(bytes(out))
    return b"".join(rows[1:]), kinds


def _photograph(height: int, width: int, channels: int) -> NDArray[Any]:
    """Make smooth colours with some noise: what the filters are for."""
    y, x, c = np.ogrid[:height, :width, :channels]
    smooth = 120 + 60 * np.sin(y / 9 + c) + 50 * np.cos(x / 7 - c)
    grain = np.random.default_rng(0).normal(0, 3, (height, width, channels))
    whole: NDArray[Any] = np.clip(smooth + grain, 0, 255)
    return whole.astype(np.uint8)


@pytest.mark.parametrize(
    "way",
    dict.fromkeys([*png_deflate._FAST, *png_deflate._THOROUGH]),
    ids=lambda way: f"{way.filter}-{way.strategy}-{way.worth}",
)
@pytest.mark.parametrize("step", [1, 3, 8])
def test_each_filter_is_undone_by_the_specification(way: png_deflate.Way, step: int) -> None:
    lines = makers.noise((6, 5 * step))
    stored = png_deflate._filtered(lines, step, way)
    above, *rest = lines
    first = np.concatenate((np.zeros(1, np.uint8), above))
    found, kinds = _unfiltered(first.tobytes() + stored.tobytes(), 6, 5 * step, step)
    assert found == lines.tobytes()
    assert kinds == {0, way.filter}
    assert len(rest) == len(stored)


@pytest.mark.parametrize("level", [0, 1, 2, 9])
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 9, 3), (40, 1, 4), (53, 31), (53, 31, 1), (53, 31, 2), (53, 31, 3)]
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_the_blocks_are_one_zlib_stream_of_the_samples(
    dtype: str, shape: tuple[int, ...], level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(png_deflate, "_SMALLEST_BLOCK", 400)
    samples = makers.noise(shape, dtype)
    pieces = deflated_rows(samples, level)
    row = samples[:1].nbytes
    found, _ = _unfiltered(zlib.decompress(b"".join(pieces)), shape[0], row, row // shape[1])
    assert found == samples.astype(samples.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("level", [1, 6])
def test_the_bytes_do_not_depend_on_the_threads(
    level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(png_deflate, "_SMALLEST_BLOCK", 1000)
    samples = _photograph(60, 50, 3)
    alone, many = deflated_rows(samples, level, 1), deflated_rows(samples, level, 3)
    assert len(alone) > 3
    assert alone == many


@pytest.mark.parametrize("level", [1, 3, 6])
def test_a_photograph_takes_no_more_than_pillow_makes_of_it(level: int) -> None:
    samples = _photograph(400, 300, 3)
    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, "PNG", compress_level=level)
    assert sum(map(len, deflated_rows(samples, level))) <= 1.02 * len(buffer.getvalue())


@pytest.mark.parametrize("level", [1, 6])
def test_a_drawing_that_repeats_itself_is_stored_as_it_is(level: int) -> None:
    """Differences of a repeated pattern are no shorter, and runs alone would be far longer."""
    motif = makers.noise((20, 25, 3))
    samples = np.tile(motif, (20, 16, 1))
    packed = b"".join(deflated_rows(samples, level))
    assert len(packed) < samples.nbytes / 30
    _, kinds = _unfiltered(zlib.decompress(packed)[: 1201 * 3], 3, 1200, 3)
    assert kinds == {0}


def test_an_error_in_a_block_is_raised_and_ends_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any, **__: Any) -> bytes:
        raise MemoryError

    monkeypatch.setattr(png_deflate, "_SMALLEST_BLOCK", 1000)
    monkeypatch.setattr(png_deflate, "_deflated", fails)
    with pytest.raises(MemoryError):
        deflated_rows(_photograph(60, 50, 3), 1, 2)
