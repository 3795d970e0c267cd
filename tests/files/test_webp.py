from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dilcli.errors import ImageFileError
from dilcli.files import webp
from dilcli.files.records import Decoded, Metadata, Options, Picture, Source
from tests.files import makers

OPTIONS = Options("webp")


def _encode(*frames: Any, alpha: bool = False, **metadata: Any) -> bytes:
    return webp.encode(Picture(frames, alpha, "x", Metadata(**metadata)), OPTIONS)


def _decode(data: bytes) -> Decoded:
    source = Source("x.webp", data=data)
    header = webp.inspect(source)
    decoded = webp.decode(source, tuple(range(header.frames)))
    assert all(frame.shape == header.shape for frame in decoded.frames)
    assert decoded.alpha == header.alpha
    return decoded


def _pillow(image: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "WEBP", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("shape", [(9, 12, 3), (9, 12, 4), (1, 1, 3), (1, 1, 4)])
def test_every_sample_is_exact_hidden_colours_included(shape: tuple[int, ...]) -> None:
    """Without ``exact`` the colours under alpha 0 are changed."""
    image = makers.noise(shape)
    if shape[2] == 4:
        image[::2, :, 3] = 0
    data = _encode(image, alpha=shape[2] == 4)
    np.testing.assert_array_equal(_decode(data).frames[0], image)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), image)


def test_alpha_that_hides_nothing_stays_alpha() -> None:
    image = makers.noise((6, 7, 4))
    image[..., 3] = 255
    decoded = _decode(_encode(image, alpha=True))
    assert decoded.alpha
    np.testing.assert_array_equal(decoded.frames[0], image)


@pytest.mark.parametrize("shape", [(6, 7), (6, 7, 1), (6, 7, 2)])
def test_gray_is_written_as_rgb_of_equal_channels(shape: tuple[int, ...]) -> None:
    image = makers.noise(shape)
    (found,) = _decode(_encode(image, alpha=shape[-1] == 2)).frames
    gray = image.reshape(6, 7, -1)
    for channel in range(3):
        np.testing.assert_array_equal(found[..., channel], gray[..., 0])
    if shape[-1] == 2:
        np.testing.assert_array_equal(found[..., 3], gray[..., 1])


@pytest.mark.parametrize("channels", [3, 4])
def test_equal_frames_and_their_durations_are_all_kept(channels: int) -> None:
    """Libwebp's animation encoder merges equal neighbours."""
    a, b = (makers.noise((8, 10, channels), seed=seed) for seed in range(2))
    durations = (100.0, 70.0, 33.3, 33.3)
    data = _encode(a, a, b, b, alpha=channels == 4, durations=durations, loop=3)
    decoded = _decode(data)
    for found, expected in zip(decoded.frames, (a, a, b, b), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert decoded.metadata.durations == (100.0, 70.0, 33.0, 34.0)
    assert decoded.metadata.loop == 3
    image: Any = Image.open(io.BytesIO(data))
    assert image.n_frames == 4
    assert image.info["loop"] == 3


def test_an_animation_by_pillow_is_read_with_its_timing() -> None:
    frames = [Image.fromarray(makers.noise((8, 10, 3), seed=seed)) for seed in range(3)]
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=[10, 20, 30],
        lossless=True,
    )
    decoded = _decode(buffer.getvalue())
    assert decoded.metadata.durations == (10.0, 20.0, 30.0)
    assert decoded.metadata.loop == 0
    for found, expected in zip(decoded.frames, frames, strict=True):
        np.testing.assert_array_equal(found, np.asarray(expected))


def test_frames_can_be_chosen_in_any_order() -> None:
    frames = [makers.noise((5, 6, 3), seed=seed) for seed in range(4)]
    decoded = webp.decode(Source("x.webp", data=_encode(*frames)), (3, 1))
    np.testing.assert_array_equal(decoded.frames[0], frames[3])
    np.testing.assert_array_equal(decoded.frames[1], frames[1])


def test_all_metadata_comes_back_and_pillow_reads_the_same() -> None:
    data = _encode(makers.noise((5, 6, 3)), icc=makers.icc(), exif=makers.exif(">"), xmp=b"<xml/>")
    metadata = _decode(data).metadata
    assert metadata.icc == makers.icc()
    assert metadata.exif == makers.exif(">")
    assert metadata.xmp == b"<xml/>"
    assert metadata.resolution == (300.0, 150.0)
    info = Image.open(io.BytesIO(data)).info
    assert (info["icc_profile"], info["exif"], info["xmp"]) == (
        makers.icc(),
        makers.exif(">"),
        b"<xml/>",
    )


def test_whether_a_source_was_compressed_with_loss_is_known() -> None:
    image = makers.noise((16, 16, 3))
    assert _decode(_pillow(image, quality=80)).metadata.lossy
    assert not _decode(_pillow(image, lossless=True)).metadata.lossy


def test_what_had_lost_before_is_compressed_with_loss_and_a_quality_asks_for_it() -> None:
    image = makers.noise((32, 32, 3))
    picture = Picture((image,), False, "x", Metadata(lossy=True))
    again = webp.encode(picture, OPTIONS)
    asked = webp.encode(Picture((image,), False, "png"), Options("webp", quality=50))
    for data in (again, asked):
        assert _decode(data).metadata.lossy
    assert len(asked) < len(again)


def test_alpha_is_exact_even_with_loss() -> None:
    image = makers.noise((16, 16, 4))
    picture = Picture((image,), True, "x", Metadata(lossy=True))
    (found,) = _decode(webp.encode(picture, OPTIONS)).frames
    np.testing.assert_array_equal(found[..., 3], image[..., 3])


def test_broken_exif_becomes_a_note() -> None:
    decoded = _decode(_encode(makers.noise((4, 4, 3)), exif=b"garbage!"))
    assert decoded.metadata.exif is None
    assert decoded.notes == ("broken EXIF not kept",)


def test_a_container_without_a_size_is_damage() -> None:
    with pytest.raises(ImageFileError, match=r"x\.webp: the WebP has no size"):
        webp.inspect(Source("x.webp", data=b"RIFF\4\0\0\0WEBP"))


@given(st.lists(st.floats(0, 5000), max_size=40))
def test_rounded_durations_never_drift_from_the_true_sum(durations: list[float]) -> None:
    rounded = webp.milliseconds(durations)
    for count in range(len(durations) + 1):
        assert abs(sum(rounded[:count]) - sum(durations[:count])) <= 0.5 + 1e-6
