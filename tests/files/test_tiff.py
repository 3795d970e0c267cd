from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from dilcli.errors import ImageFileError
from dilcli.files import tiff
from dilcli.files.formats import FORMATS
from dilcli.files.records import Metadata, Options, Picture, Source
from tests.files import makers

if TYPE_CHECKING:
    from pathlib import Path


def _written(*pages: Any, **options: Any) -> Source:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, bigtiff=options.pop("bigtiff", False)) as writer:
        for page in pages:
            image, extra = page if isinstance(page, tuple) else (page, {})
            writer.write(image, metadata=None, contiguous=False, **options, **extra)
    return Source("x.tif", data=buffer.getvalue())


@pytest.mark.parametrize("dtype", FORMATS["tiff"].samples)
@pytest.mark.parametrize(
    ("shape", "alpha"), [((9, 7), False), ((9, 7, 4), True), ((9, 7, 5), False)]
)
def test_what_is_encoded_is_decoded(dtype: str, shape: tuple[int, ...], alpha: bool) -> None:
    image = makers.noise(shape, dtype)
    source = Source("x", data=tiff.encode(Picture((image,), alpha, "x"), Options("tiff")))
    header, decoded = tiff.inspect(source), tiff.decode(source, (0,))
    assert (header.shape, header.dtype, header.alpha) == (shape, dtype, alpha)
    np.testing.assert_array_equal(decoded.frames[0], image)
    assert decoded.alpha == alpha


def test_pages_of_different_sizes_are_all_read() -> None:
    """The library alone gives the first series and drops the rest without a word."""
    pages = [makers.noise((9, 7)), makers.noise((4, 20)), makers.noise((4, 20), seed=1)]
    source = _written(*pages)
    header = tiff.inspect(source)
    assert header.frames == 3
    assert header.pixels == (63, 80, 80)
    for found, expected in zip(tiff.decode(source, (0, 1, 2)).frames, pages, strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(tiff.decode(source, (2,)).frames[0], pages[2])


def test_pages_that_differ_in_kind_can_be_chosen_but_not_mixed() -> None:
    source = _written(makers.noise((9, 7)), makers.noise((9, 7), "uint16"))
    assert tiff.decode(source, (1,)).frames[0].dtype == np.uint16
    with pytest.raises(ValueError, match=r"pages 0 and 1 differ .* --frames"):
        tiff.decode(source, (0, 1))


def test_a_bigtiff_is_read() -> None:
    image = makers.noise((9, 7), "float32")
    source = _written(image, bigtiff=True)
    assert source.bytes()[:4] == b"II+\0"
    np.testing.assert_array_equal(tiff.decode(source, (0,)).frames[0], image)


def test_pages_of_lower_resolution_are_no_frames_and_that_is_said() -> None:
    small = (makers.noise((4, 3)), {"subfiletype": 1})
    source = _written(makers.noise((9, 7)), small)
    assert tiff.inspect(source).frames == 1
    assert tiff.decode(source, (0,)).notes == ("pages of lower resolution and masks not kept (1)",)
    with pytest.raises(ImageFileError, match="no page at full resolution"):
        tiff.inspect(_written(small))


def test_associated_alpha_comes_back_as_it_was() -> None:
    """Divided out of integers it would be lost; multiplied in, it filters like any channel."""
    image = makers.noise((9, 7, 4))
    image[..., :3] = image[..., :3] // 2
    source = _written(image, photometric="rgb", extrasamples=["assocalpha"])
    decoded = tiff.decode(source, (0,))
    np.testing.assert_array_equal(decoded.frames[0], image)
    assert not decoded.alpha
    assert decoded.metadata.associated_alpha
    assert "associated alpha" in decoded.notes[0]
    data = tiff.encode(Picture(decoded.frames, False, "tiff", decoded.metadata), Options("tiff"))
    again = Source("y", data=data)
    np.testing.assert_array_equal(tiff.decode(again, (0,)).frames[0], image)
    assert tiff.decode(again, (0,)).metadata.associated_alpha


def test_an_applied_orientation_is_unsaid_in_xmp_and_turns_the_resolution() -> None:
    extra = [(274, 3, 1, 6, True), (700, 1, None, b'<d tiff:Orientation="6"/>', True)]
    source = _written(
        makers.noise((9, 7)), extratags=extra, resolution=(300, 150), resolutionunit="INCH"
    )
    assert tiff.inspect(source).shape == (7, 9)
    decoded = tiff.decode(source, (0,))
    assert decoded.frames[0].shape == (7, 9)
    assert decoded.metadata.xmp == b'<d tiff:Orientation="1"/>'
    assert decoded.metadata.resolution == (150.0, 300.0)


def test_a_file_is_read_like_its_bytes(tmp_path: Path) -> None:
    source = _written(makers.noise((9, 7)))
    (tmp_path / "x.tif").write_bytes(source.bytes())
    from_file = tiff.decode(Source("x", path=tmp_path / "x.tif"), (0,))
    np.testing.assert_array_equal(from_file.frames[0], tiff.decode(source, (0,)).frames[0])


def test_everything_beside_the_samples_survives_a_round_trip() -> None:
    metadata = Metadata(
        icc=makers.icc(),
        exif=makers.exif(">"),
        xmp=b"<x/>",
        resolution=(300.0, 72.5),
        text=(("Description", "hill"), ("Software", "tool"), ("Author", "A"), ("Copyright", "c")),
        photoshop=b"8BIM",
    )
    picture = Picture((makers.noise((5, 6, 3)),), False, "tiff", metadata)
    once = tiff.decode(Source("x", data=tiff.encode(picture, Options("tiff"))), (0,))
    for name in ("icc", "xmp", "resolution", "text", "photoshop"):
        assert getattr(once.metadata, name) == getattr(metadata, name)
    assert once.notes == ()
    again = Picture(once.frames, False, "tiff", once.metadata)
    twice = tiff.decode(Source("y", data=tiff.encode(again, Options("tiff"))), (0,))
    assert twice.metadata == once.metadata
