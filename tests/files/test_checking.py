from __future__ import annotations

from typing import Any

import pytest

from dilcli.errors import ArgumentError, ImageFileError
from dilcli.files.checking import check, parse_options
from dilcli.files.formats import FORMATS, missing_package
from dilcli.files.records import Metadata, Options
from tests.files import makers


def _check(format_: str, **changed: Any) -> tuple[str, ...]:
    picture: dict[str, Any] = {"shape": (5, 6, 3), "dtype": "uint8", "alpha": False}
    return check(format_, **(picture | changed))


@pytest.mark.parametrize(
    "format_", [n for n, kind in FORMATS.items() if kind.written and not missing_package(n)]
)
def test_every_format_takes_what_its_table_says(format_: str) -> None:
    kind = FORMATS[format_]
    for dtype in kind.samples:
        assert _check(format_, shape=(5, 6), dtype=dtype) is not None
    for dtype in kind.colour_samples:
        assert _check(format_, dtype=dtype) is not None


@pytest.mark.parametrize(
    ("format_", "changed", "said"),
    [
        (
            "jpeg",
            {"shape": (5, 6, 4), "alpha": True},
            "alpha; flatten it with apply --background COLOR, or use",
        ),
        ("jpeg", {"shape": (5, 6, 2), "alpha": True}, "--background COLOR"),
        ("bmp", {"shape": (5, 6, 4), "alpha": True}, r"or use \.png, \.tif, \.webp"),
        ("pnm", {"shape": (5, 6, 4), "alpha": True}, "--background"),
        ("jpeg", {"dtype": "uint16"}, r"uint16 samples; use --depth 8, or .*\.png, \.tif"),
        ("jpeg", {"dtype": "float32"}, r"--depth 8, or an output that can: \.tif, \.npy"),
        ("png", {"dtype": "float64"}, "--depth 8 or 16"),
        ("png", {"dtype": "int16"}, "--depth 8 or 16"),
        ("webp", {"dtype": "uint16"}, "--depth 8"),
        ("gif", {"dtype": "uint16", "shape": (5, 6)}, "--depth 8"),
        ("avif", {"dtype": "uint16"}, "--depth 8"),
        ("bmp", {"dtype": "uint16"}, "--depth 8"),
        ("pfm", {"dtype": "uint8"}, "--depth float"),
        ("jpeg2000", {"dtype": "uint16"}, "uint16 samples in several channels"),
        ("jpeg2000", {"dtype": "uint16", "shape": (5, 6, 2), "alpha": True}, "several channels"),
        ("png", {"shape": (5, 6, 5)}, r"5 channels without alpha; use \.tif, \.npy"),
        ("png", {"shape": (5, 6, 2)}, "2 channels without alpha"),
        ("png", {"shape": (5, 6, 4)}, "4 channels without alpha"),
        ("tga", {"shape": (5, 6, 3), "alpha": True}, "2 channels and alpha"),
        ("png", {"shape": (7,)}, r"one-dimensional array; use \.npy"),
        ("tiff", {"shape": (7,)}, "one-dimensional"),
        ("jpeg", {"shape": (65501, 6, 3)}, "side of 65501 pixels, at most 65500"),
        ("webp", {"shape": (6, 16384, 3)}, "at most 16383"),
        ("gif", {"shape": (6, 65536, 3)}, "at most 65535"),
        ("jpeg", {"frames": 3}, r"3 frames; use --frames 0 .*\{frame\}"),
        ("npy", {"frames": 2}, "--frames 0"),
        ("zarr", {"frames": 2}, "Zarr cannot hold 2 frames; use --frames 0"),
        ("zarr", {"shape": (7,)}, r"one-dimensional array; use \.npy"),
        ("gif", {"frames": 2, "mixed_sizes": True}, r"different sizes; use \.tif"),
        ("fits", {}, "read but not written"),
        ("png", {"metadata": Metadata(associated_alpha=True), "shape": (5, 6, 4)}, "associated"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_with_the_remedy(
    format_: str, changed: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dilcli.files.checking.missing_package", lambda _: None)
    with pytest.raises(ImageFileError, match=said) as caught:
        _check(format_, **changed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("format_", "metadata", "said"),
    [
        ("bmp", Metadata(icc=makers.icc()), "BMP cannot hold the ICC profile of the source"),
        ("gif", Metadata(exif=makers.exif(), xmp=b"x"), "EXIF, XMP of the source"),
        ("tga", Metadata(text=(("Title", "x"),)), r"text \(Title\)"),
        ("pnm", Metadata(resolution=(72.0, 72.0)), "the resolution"),
        ("jpeg2000", Metadata(icc=makers.icc()), "ICC"),
        ("jpeg", Metadata(exif=bytes(70_000)), r"so long a record \(EXIF\)"),
        ("jpeg", Metadata(text=(("Comment", "x" * 70_000),)), r"\.png, \.tif"),
    ],
)
def test_what_would_be_lost_is_refused_before_any_work_and_stripping_is_the_remedy(
    format_: str, metadata: Metadata, said: str
) -> None:
    with pytest.raises(ImageFileError, match=said) as caught:
        _check(format_, metadata=metadata)
    assert "--strip-metadata" in str(caught.value)
    assert _check(format_, metadata=metadata, strip_metadata=True) is not None


def test_pages_cannot_hold_durations_and_one_page_has_none() -> None:
    metadata = Metadata(durations=(10.0, 20.0), loop=0)
    with pytest.raises(ImageFileError, match=r"frame durations of the source.*\.webp"):
        _check("tiff", metadata=metadata, frames=2)
    assert _check("tiff", metadata=metadata, frames=1) == ()


@pytest.mark.parametrize(("format_", "called"), [("npy", "an .npy"), ("zarr", "a .zarr")])
def test_an_array_file_has_no_room_for_metadata_and_says_so_without_refusing(
    format_: str, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dilcli.files.checking.missing_package", lambda _: None)
    metadata = Metadata(icc=makers.icc(), exif=makers.exif(), associated_alpha=True)
    notes = _check(format_, metadata=metadata, shape=(5, 6, 4), alpha=True)
    assert notes == (
        f"alpha becomes a plain channel of the .{format_}",
        f"{called} holds no metadata; not kept: the ICC profile, EXIF",
    )
    assert _check(format_, shape=(5, 6, 4)) == ()


def test_a_format_whose_package_is_missing_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImageFileError, match=r"HEIF needs: pip install dilcli\[heif\]"):
        _check("heif")
    with pytest.raises(ImageFileError, match=r"AVIF needs: pip install 'pillow>=11\.3'"):
        _check("avif")
    with pytest.raises(ImageFileError, match=r"Zarr needs: pip install dilcli\[zarr\]"):
        _check("zarr")
    assert _check("png") == ()


def test_exif_in_a_bigtiff_is_refused() -> None:
    huge = {"shape": (40_000, 40_000, 3), "metadata": Metadata(exif=makers.exif())}
    with pytest.raises(ImageFileError, match="BigTIFF"):
        _check("tiff", **huge)
    assert _check("tiff", **huge, strip_metadata=True) == ()


@pytest.mark.parametrize(
    ("format_", "changed", "note"),
    [
        ("gif", {}, "256 colours"),
        ("gif", {"shape": (5, 6, 2), "alpha": True}, "no such gray"),
        ("webp", {"shape": (5, 6)}, "a WebP has no such gray: written as RGB"),
        ("gif", {"frames": 2, "metadata": Metadata(durations=(33.3, 40.0))}, "multiples of 10 ms"),
        ("avif", {"frames": 2, "metadata": Metadata(durations=(1.0, 1.0), loop=3)}, "for ever"),
        ("png", {"shape": (5, 6), "metadata": Metadata(icc=makers.icc())}, "profile for RGB"),
    ],
)
def test_what_will_be_otherwise_is_said(
    format_: str, changed: dict[str, Any], note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dilcli.files.checking.missing_package", lambda _: None)
    assert any(note in said for said in _check(format_, **changed))


def test_what_is_exact_needs_no_word() -> None:
    assert _check("gif", shape=(5, 6)) == ()
    assert _check("png", frames=3, metadata=Metadata(durations=(1.5,) * 3, loop=0)) == ()
    assert _check("webp", shape=(5, 6, 4), alpha=True) == ()


@pytest.mark.parametrize("quality", [0, 101, -5])
def test_a_quality_out_of_range_is_refused(quality: int) -> None:
    """The libraries take 101 and -5 without a word."""
    with pytest.raises(ArgumentError, match=f"quality {quality}: must be 1 to 100"):
        _check("jpeg", quality=quality)


@pytest.mark.parametrize(
    ("format_", "compression"),
    [
        *(("png", 10), ("png", "fast"), ("png", "none")),
        *(("tiff", "lzw"), ("tiff", 11), ("tiff", "-1")),
        *(("zarr", "deflate"), ("zarr", 10)),
    ],
)
def test_a_compression_that_is_none_is_refused(format_: str, compression: Any) -> None:
    with pytest.raises(ArgumentError, match=r"takes .*0 to 9"):
        _check(format_, compression=compression)


@pytest.mark.parametrize(
    ("arguments", "options", "noted"),
    [
        (("png", None, None), Options("png"), False),
        (("png", None, "6"), Options("png", compression=6), False),
        (("tiff", None, "Deflate"), Options("tiff", compression="deflate"), False),
        (("tiff", None, "none"), Options("tiff", compression="none"), False),
        (("tiff", None, 0), Options("tiff", compression=0), False),
        (("zarr", None, "None"), Options("zarr", compression="none"), False),
        (("zarr", 80, "9"), Options("zarr", compression=9), True),
        (("jpeg", 80, None), Options("jpeg", 80), False),
        (("webp", 80, 3), Options("webp", 80), True),
        (("png", 80, None), Options("png"), True),
        (("gif", None, 5), Options("gif"), True),
    ],
)
def test_options_mean_something_or_are_named_as_meaningless(
    arguments: tuple[Any, Any, Any], options: Options, noted: bool
) -> None:
    found, notes = parse_options(*arguments)
    assert found == options
    assert bool(notes) == noted
