from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from dilcli.files import pillow_pixels
from dilcli.files.pillow_pixels import as_array, as_image, open_image, target, unlimited
from tests.files import makers


@pytest.mark.parametrize("rows", [1, 3, 7, 100])
@pytest.mark.parametrize("shape", [(17, 11), (17, 11, 2), (17, 11, 3), (17, 11, 4)])
def test_an_image_cut_into_strips_is_the_whole_image(
    shape: tuple[int, ...], rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pillow_pixels, "_STRIP_BYTES", rows * 11 * 4)
    samples = makers.noise(shape)
    found = as_array(Image.fromarray(samples))
    np.testing.assert_array_equal(found, samples)
    assert found.flags.c_contiguous


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
def test_both_byte_orders_of_16_bits_become_native(mode: str) -> None:
    samples = makers.noise((5, 6), "uint16")
    order = ">u2" if mode.endswith("B") else "<u2"
    image = Image.frombytes(mode, (6, 5), samples.astype(order).tobytes())
    found = as_array(image)
    np.testing.assert_array_equal(found, samples)
    assert found.dtype.isnative


def test_an_error_while_decoding_is_the_decoders_own() -> None:
    """Without loading first numpy hides it and makes an array of one object."""
    data = makers.jpeg(makers.noise((60, 60)))
    image = open_image(io.BytesIO(data[: len(data) // 2]), "JPEG")
    with pytest.raises(OSError, match="truncated"):
        as_array(image)


def test_a_stream_is_opened_as_the_named_format_only() -> None:
    data = makers.jpeg(makers.noise((6, 6)))
    with pytest.raises(UnidentifiedImageError):
        open_image(io.BytesIO(data), "PNG")


def test_pillows_limit_is_lifted_inside_and_back_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A telephone's 200 million pixels are more than Pillow's limit."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    data = makers.png(makers.noise((6, 7)), 0)
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(data))
    assert open_image(io.BytesIO(data), "PNG").size == (7, 6)
    with pytest.raises(KeyError), unlimited():
        raise KeyError
    limit: Any = Image.MAX_IMAGE_PIXELS
    assert limit == 10


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3), (4, 5, 4)])
def test_an_array_of_any_layout_becomes_an_image(shape: tuple[int, ...]) -> None:
    samples = makers.noise(shape)[::-1, ::-1]
    image = np.asarray(as_image(samples))
    np.testing.assert_array_equal(image.reshape(samples.shape), samples)


@pytest.mark.parametrize(("format_", "other"), [("PNG", "Jpeg"), ("JPEG", "Png")])
def test_a_format_is_opened_and_written_by_its_own_module_alone(format_: str, other: str) -> None:
    data = (
        makers.png(makers.noise((6, 6)), 0)
        if format_ == "PNG"
        else makers.jpeg(makers.noise((6, 6)))
    )
    code = (
        "import io, sys; from dilcli.files.pillow_pixels import open_image, target\n"
        f"image = open_image(io.BytesIO({data!r}), {format_!r}); image.load()\n"
        f"image.convert('L').save(target({format_.lower()!r}))\n"
        "print('PIL.GifImagePlugin' in sys.modules, "
        f"'PIL.{other}ImagePlugin' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("at_once", [False, True])
def test_an_image_is_the_same_in_large_pieces(at_once: bool) -> None:
    samples = makers.noise((300, 300, 3))
    image = open_image(io.BytesIO(makers.png(samples, 2)), "PNG", at_once=at_once)
    np.testing.assert_array_equal(as_array(image), samples)


def test_a_saved_file_is_that_of_its_name() -> None:
    buffer = target("jpg")
    as_image(makers.noise((6, 6))).save(buffer, quality=90)
    assert Image.open(io.BytesIO(buffer.getvalue())).format == "JPEG"
