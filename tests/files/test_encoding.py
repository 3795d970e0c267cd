from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.errors import ArgumentError, ImageFileError
from dilcli.files.encoding import encode
from dilcli.files.formats import FORMATS, missing_package
from dilcli.files.reading import inspect, read
from dilcli.files.records import Metadata, Picture
from tests.files import makers

ALL_METADATA = ("png", "jpeg", "tiff", "webp", "avif")
EXACT = [
    (name, dtype, shape)
    for name, kind in FORMATS.items()
    if kind.written and not kind.folder and kind.loss != "always"
    for dtypes, shapes in (
        (kind.samples, [(9, 7)]),
        (kind.colour_samples, [(9, 7, 3)] + [(9, 7, 2), (9, 7, 4)] * kind.alpha),
    )
    for dtype in dtypes
    for shape in shapes
    if not (name in ("webp", "gif") and shape[-1] == 2)
    if not (name == "webp" and len(shape) == 2)
]


@pytest.mark.parametrize(("format_", "dtype", "shape"), EXACT)
def test_every_loss_free_format_gives_back_every_sample(
    format_: str, dtype: str, shape: tuple[int, ...]
) -> None:
    alpha = shape[-1] in (2, 4)
    image = makers.noise(shape, dtype)
    if alpha and format_ != "gif":
        image[::2, :, -1] = 0
    if format_ == "gif" and len(shape) == 3:
        image = makers.few_colours((*shape[:2], 3), 200)
        full = np.full((*shape[:2], 1), 255, np.uint8)
        image = np.concatenate([image, full], axis=2) if alpha else image
    data = encode(Picture((image,), alpha, "x"), format_)
    header, back = inspect(data), read(data)
    assert back.frames[0].tobytes() == image.tobytes()
    assert back.frames[0].shape == header.shape == image.shape
    assert back.frames[0].dtype == header.dtype == dtype
    assert back.alpha == header.alpha == alpha
    assert header.frames == 1
    assert back.format == header.format == format_


@pytest.mark.parametrize("format_", ["png", "gif", "webp", "tiff"])
def test_frames_that_repeat_are_all_kept_with_their_durations(format_: str) -> None:
    frame = makers.few_colours((6, 7, 3), 99)
    timing = Metadata(durations=(100.0, 50.0, 30.0), loop=2)
    timing = Metadata() if format_ == "tiff" else timing
    data = encode(Picture((frame, frame, frame), False, "x", timing), format_)
    back = read(data)
    assert len(back.frames) == 3
    assert all(np.array_equal(found, frame) for found in back.frames)
    if format_ != "tiff":
        assert back.metadata.durations == (100.0, 50.0, 30.0)
        assert back.metadata.loop == 2


@pytest.mark.parametrize("source", ["png", "jpeg", "tiff", "webp"])
@pytest.mark.parametrize("target", [n for n in ALL_METADATA if not missing_package(n)])
def test_profile_exif_xmp_and_resolution_survive_from_each_format_to_each(
    source: str, target: str
) -> None:
    metadata = Metadata(
        icc=makers.icc(), exif=makers.exif("<", 1), xmp=b"<x/>", resolution=(300.0, 150.0)
    )
    first = read(encode(Picture((makers.noise((8, 8, 3)),), False, "x", metadata), source))
    again = read(encode(first, target))
    for found in (first.metadata, again.metadata):
        assert found.icc == metadata.icc
        assert found.xmp == metadata.xmp
        assert found.resolution == pytest.approx((300, 150), abs=0.02)
        assert found.exif is not None
        assert b"Maker" in found.exif


@pytest.mark.parametrize("target", [n for n in (*ALL_METADATA, "gif") if not missing_package(n)])
def test_texts_survive_in_one_form_or_another(target: str) -> None:
    metadata = Metadata(text=(("Software", "tool 1"), ("Warning", "häßlich")))
    data = encode(Picture((makers.noise((8, 8)),), False, "png", metadata), target)
    back = read(data).metadata
    said = " ".join(f"{key}: {value}" for key, value in back.text)
    said += (back.exif or b"").decode("utf-8", "replace")
    assert "Software: tool 1" in said
    assert "Warning: häßlich" in said


@pytest.mark.parametrize("target", ["png", "jpeg", "tiff", "webp", "bmp", "gif"])
def test_stripped_metadata_is_gone(target: str) -> None:
    metadata = Metadata(
        icc=makers.icc(),
        exif=makers.exif(),
        xmp=b"<x/>",
        resolution=(300.0, 300.0),
        text=(("Title", "secret"),),
    )
    picture = Picture((makers.few_colours((8, 8, 3), 9),), False, "png", metadata)
    data = encode(picture, target, strip_metadata=True)
    back = read(data).metadata
    assert (back.icc, back.exif, back.xmp, back.resolution, back.text) == (None,) * 4 + ((),)
    assert b"secret" not in data


@pytest.mark.parametrize(
    ("picture", "format_", "said"),
    [
        (Picture((makers.noise((4, 4, 4)),), True, "png"), "jpeg", "--background"),
        (Picture((makers.noise((4, 4), "float32"),), False, "tiff"), "png", "--depth"),
        (Picture((makers.noise((4, 4)),) * 2, False, "gif"), "jpeg", "--frames"),
        (Picture((makers.noise((4, 4)), makers.noise((5, 4))), False, "tiff"), "gif", "sizes"),
        (Picture((makers.noise((4, 4)),), False, "x", Metadata(xmp=b"x")), "bmp", "XMP"),
        (Picture((makers.noise((4, 4)) > 9,), False, "x"), "png", "bool"),
    ],
)
def test_nothing_is_converted_to_fit(picture: Picture, format_: str, said: str) -> None:
    with pytest.raises(ImageFileError, match=said):
        encode(picture, format_)


def test_options_are_checked() -> None:
    picture = Picture((makers.noise((4, 4)),), False, "x")
    with pytest.raises(ArgumentError):
        encode(picture, "jpeg", quality=101)
    with pytest.raises(ArgumentError):
        encode(picture, "tiff", compression="lzw")


def test_an_encoder_that_fails_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise KeyError("two\nlines")

    monkeypatch.setattr("PIL.Image.Image.save", fail)
    with pytest.raises(ImageFileError, match=r"^cannot encode JPEG: 'two.*lines'$"):
        encode(Picture((makers.noise((4, 4)),), False, "x"), "jpeg")


def test_one_frame_of_an_animation_is_a_still() -> None:
    metadata = Metadata(durations=(10.0, 20.0), loop=0)
    picture = Picture((makers.noise((4, 4, 3)),), False, "gif", metadata)
    back = read(encode(picture, "png"))
    assert (back.metadata.durations, back.metadata.loop) == ((), None)


def test_a_wrong_profile_is_not_written() -> None:
    picture = Picture((makers.noise((4, 4)),), False, "x", Metadata(icc=makers.icc(b"RGB ")))
    assert read(encode(picture, "png")).metadata.icc is None
