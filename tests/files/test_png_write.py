from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from dilcli.files.png_chunks import SIGNATURE, parse
from dilcli.files.png_write import DEFAULT_LEVEL, encode
from dilcli.files.records import Metadata, Picture, Source
from tests.files import makers

if TYPE_CHECKING:
    from numpy.typing import NDArray

FULL = Metadata(
    icc=makers.icc(b"RGB "),
    exif=makers.exif(">"),
    xmp="<x>ä</x>".encode(),
    resolution=(300.0, 72.0),
    text=(("Title", "café"), ("Greek", "π"), ("Zero", "a\0b"), ("", "empty key")),
    png_colour=(("gAMA", struct.pack(">I", 45455)),),
)


def _picture(*frames: NDArray[Any], alpha: bool = False, **metadata: Any) -> Picture:
    return Picture(frames, alpha, "x", Metadata(**metadata))


@pytest.mark.parametrize("level", [0, 1, 6, 9])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_an_independent_decoder_gets_every_sample_back(
    level: int, dtype: str, channels: int
) -> None:
    samples = makers.noise((37, 23) if channels == 1 else (37, 23, channels), dtype)
    data = encode(_picture(samples, alpha=channels in (2, 4)), level)
    np.testing.assert_array_equal(makers.unpng(data), samples)


def test_16_bit_colour_is_exact_across_the_blocks_it_is_compressed_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dilcli.files.png_deflate._SMALLEST_BLOCK", 3 * 23 * 6)
    samples = makers.noise((37, 23, 3), "uint16")
    np.testing.assert_array_equal(makers.unpng(encode(_picture(samples))), samples)


@pytest.mark.parametrize("view", ["flipped", "fortran", "sliced", "big-endian"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_any_memory_layout_is_written_alike(view: str, dtype: str) -> None:
    base = makers.noise((20, 26, 3), dtype)
    samples = {
        "flipped": base[::-1, ::-1],
        "fortran": np.asfortranarray(base),
        "sliced": base[::2, 1::3],
        "big-endian": base.astype(base.dtype.newbyteorder(">")),
    }[view]
    np.testing.assert_array_equal(makers.unpng(encode(_picture(samples))), samples)


def test_one_channel_of_its_own_axis_is_gray() -> None:
    samples = makers.noise((5, 6, 1))
    np.testing.assert_array_equal(makers.unpng(encode(_picture(samples))), samples[..., 0])


def test_all_metadata_comes_back_and_stands_before_the_samples() -> None:
    data = encode(Picture((makers.noise((4, 5, 3)),), False, "x", FULL))
    kinds = [kind for kind, _ in makers.png_chunks(data)]
    assert kinds[0] == b"IHDR"
    assert kinds[-2:] == [b"IDAT", b"IEND"]
    back = parse(Source("x", data=data)).metadata()
    assert (back.icc, back.exif, back.xmp) == (FULL.icc, FULL.exif, FULL.xmp)
    assert back.resolution == pytest.approx((300, 72), abs=0.01)
    texts = (("Title", "café"), ("Greek", "π"), ("Zero", "ab"), ("Comment", "empty key"))
    assert back.text == texts
    assert back.png_colour == FULL.png_colour


def test_pillow_reads_the_same_metadata() -> None:
    data = encode(Picture((makers.noise((4, 5, 3)),), False, "x", FULL))
    image: Any = Image.open(io.BytesIO(data))
    image.load()
    assert image.info["icc_profile"] == FULL.icc
    assert image.info["dpi"] == pytest.approx((300, 72), abs=0.01)
    assert image.text["Title"] == "café"
    assert image.text["Greek"] == "π"
    assert image.getexif()[271] == "Maker"
    assert image.info["XML:com.adobe.xmp"] == "<x>ä</x>"


def test_equal_frames_stay_two_frames_with_their_own_durations() -> None:
    """Pillow's writer would merge them."""
    frame = makers.noise((6, 7, 3))
    picture = _picture(frame, frame, frame[::-1], durations=(100.0, 33.3, 1000 / 30), loop=3)
    parts = parse(Source("x", data=encode(picture)))
    assert [c.duration for c, _ in parts.frames] == pytest.approx([100, 33.3, 1000 / 30])
    assert parts.metadata().loop == 3
    for (_, pieces), expected in zip(parts.frames, picture.frames, strict=True):
        raw = zlib.decompress(b"".join(pieces))
        np.testing.assert_array_equal(makers.unfiltered(raw, 7, 6, 3, 8), expected)


def test_pillow_shows_the_same_animation() -> None:
    frames = [makers.noise((6, 7, 4), seed=seed) for seed in range(3)]
    data = encode(_picture(*frames, alpha=True, durations=(10.0, 20.0, 70_000_000.0), loop=0))
    image: Any = Image.open(io.BytesIO(data))
    assert image.n_frames == 3
    assert image.info["loop"] == 0
    for index, frame in enumerate(frames):
        image.seek(index)
        np.testing.assert_array_equal(np.asarray(image), frame)
    assert image.info["duration"] == 65535_000, "the longest duration the format holds"


def test_frames_without_timing_get_a_tenth_of_a_second() -> None:
    frame = makers.noise((2, 2))
    parts = parse(Source("x", data=encode(_picture(frame, frame))))
    assert [control.duration for control, _ in parts.frames] == [100, 100]


def test_a_higher_level_is_smaller_and_the_default_is_quick() -> None:
    samples = np.add.outer(np.arange(200), np.arange(200)).astype(np.uint8)
    sizes = [len(encode(_picture(samples), level)) for level in (0, DEFAULT_LEVEL, 9)]
    assert sizes == sorted(sizes, reverse=True)
    assert encode(_picture(samples))[: len(SIGNATURE)] == SIGNATURE
