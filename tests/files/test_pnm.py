from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from dilcli.errors import ImageFileError
from dilcli.files import pnm
from dilcli.files.records import Decoded, Options, Picture, Source
from tests.files import makers


def _decode(data: bytes) -> Decoded:
    source = Source("x.pnm", data=data)
    header, decoded = pnm.inspect(source), pnm.decode(source, (0,))
    assert decoded.frames[0].shape == header.shape
    assert decoded.frames[0].dtype == header.dtype
    return decoded


def _binary(magic: str, samples: Any, largest: int) -> bytes:
    height, width = samples.shape[:2]
    body: bytes = samples.astype(">u2" if largest > 255 else "u1").tobytes()
    return f"{magic}\n# made by hand\n{width} {height}\n{largest}\n".encode() + body


def _plain(magic: str, samples: Any, largest: int) -> bytes:
    height, width = samples.shape[:2]
    numbers = "\n".join(str(value) for value in samples.ravel())
    return f"{magic} {width}\t{height} {largest}\n{numbers}\n".encode()


@pytest.mark.parametrize("largest", [255, 65535])
@pytest.mark.parametrize(("magic", "shape"), [("5", (5, 7)), ("6", (5, 7, 3))])
@pytest.mark.parametrize("plain", [False, True])
def test_8_and_16_bits_gray_and_colour_binary_and_plain_are_exact(
    largest: int, magic: str, shape: tuple[int, ...], plain: bool
) -> None:
    """The library alone cuts 16-bit colour to 8 bits and makes 16-bit gray int32."""
    samples = makers.noise(shape, "uint8" if largest == 255 else "uint16")
    data = (
        _plain(f"P{int(magic) - 3}", samples, largest)
        if plain
        else _binary(f"P{magic}", samples, largest)
    )
    np.testing.assert_array_equal(_decode(data).frames[0], samples)


@pytest.mark.parametrize("plain", [False, True])
def test_a_bitmap_is_widened_and_its_ones_are_black(plain: bool) -> None:
    ink = makers.noise((5, 11)) > 127
    if plain:
        rows = "\n".join("".join("01"[int(v)] for v in row) for row in ink)
        data = f"P1\n11 5\n{rows}\n".encode()
    else:
        data = b"P4\n11 5\n" + np.packbits(ink, axis=1).tobytes()
    decoded = _decode(data)
    np.testing.assert_array_equal(decoded.frames[0], np.where(ink, 0, 255))
    assert decoded.notes == ("1-bit samples widened to 0..255",)


@pytest.mark.parametrize("largest", [1, 100, 254, 256, 1023, 4095, 65534])
@pytest.mark.parametrize("magic", ["P2", "P3", "P5", "P6"])
def test_samples_that_would_be_rescaled_are_refused(magic: str, largest: int) -> None:
    """A value of 2608 of 4095 would come out as 41738."""
    with pytest.raises(ImageFileError, match=f"samples up to {largest} would be rescaled"):
        pnm.inspect(Source("x.pgm", data=f"{magic}\n1 1\n{largest}\n1 1 1".encode()))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "shape"), [("Pf", (5, 7)), ("PF", (5, 7, 3))])
def test_floats_of_both_byte_orders_are_exact_and_stand_bottom_up(
    order: str, magic: str, shape: tuple[int, ...]
) -> None:
    samples = makers.noise(shape, "float32")
    scale = "-1.0" if order == "<" else "1.0"
    body = samples[::-1].astype(f"{order}f4").tobytes()
    decoded = _decode(f"{magic}\n7 5\n{scale}\n".encode() + body)
    np.testing.assert_array_equal(decoded.frames[0], samples)


def test_a_scale_is_not_applied_and_that_is_said() -> None:
    decoded = _decode(b"Pf\n1 1\n-2.5\n" + struct.pack("<f", 3.0))
    assert decoded.frames[0][0, 0] == 3.0
    assert decoded.notes == ("PFM scale -2.5 not applied",)


def test_a_second_picture_is_not_lost_in_silence() -> None:
    one = _binary("P5", makers.noise((4, 4)) | 1, 255)
    assert _decode(one + one).notes == ("what follows the first picture not kept",)
    assert _decode(one + b"\n").notes == ()


@pytest.mark.parametrize(
    "data", [b"P5", b"P5\n4", b"P5\n4 x\n255\n", b"P5\n0 4\n255\n", b"P6\n4 4\n255\n\0\0"]
)
def test_damage_is_an_error(data: bytes) -> None:
    with pytest.raises(OSError, match=r"header|truncated|size"):
        _decode(data)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3)])
def test_what_is_written_can_be_read_by_anyone(dtype: str, shape: tuple[int, ...]) -> None:
    samples = makers.noise(shape, dtype)
    name = "pfm" if dtype == "float32" else "pnm"
    data = pnm.encode(Picture((samples,), False, "x"), Options(name))
    magic, width, height, _, body = data.split(maxsplit=4)
    colour = len(shape) == 3 and shape[2] == 3
    assert (int(width), int(height)) == (7, 5)
    if dtype == "float32":
        assert magic == (b"PF" if colour else b"Pf")
        body = data[-samples.nbytes :]
        found = np.frombuffer(body, "<f4").reshape(5, -1)[::-1]
    else:
        assert magic == (b"P6" if colour else b"P5")
        body = data[-samples.nbytes :]
        found = np.frombuffer(body, ">u2" if dtype == "uint16" else "u1").reshape(5, -1)
    np.testing.assert_array_equal(found, samples.reshape(5, -1))
    np.testing.assert_array_equal(_decode(data).frames[0], samples.reshape(shape[: 2 + colour]))
