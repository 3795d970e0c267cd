from __future__ import annotations

from pathlib import Path

import pytest

from dilcli.errors import ImageFileError
from dilcli.files.formats import FORMATS, extension_for, format_for, missing_package, with_article


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("out.png", "png"),
        ("OUT.PNG", "png"),
        (".Jpg", "jpeg"),
        ("tiff", "tiff"),
        ("a.b/c.d.tif", "tiff"),
        (Path("x") / "y.NPY", "npy"),
        ("x.apng", "png"),
        ("x.pgm", "pnm"),
        ("x.ome.zarr", "zarr"),
    ],
)
def test_the_extension_alone_decides_and_case_means_nothing(text: str, expected: str) -> None:
    assert format_for(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("out.jepg", "did you mean .jpg?"),
        ("out.png ", "did you mean .png?"),
        ("out.tar.gz", "'.gz'"),
        ("out.svg", "'.svg'"),
        ("out.exr", "'.exr'"),
        ("folder.png/out", "no extension"),
        ("out", "no extension"),
        ("out.fits", "read but not written"),
    ],
)
def test_an_unknown_extension_is_refused_with_the_known_ones(text: str, said: str) -> None:
    """Otherwise imageio would write a TIFF under any of these names."""
    with pytest.raises(ImageFileError) as caught:
        format_for(text)
    message = str(caught.value)
    assert said in message
    assert text in message
    assert ".png .apng .jpg" in message
    assert "\n" not in message


def test_every_format_gives_its_usual_extension_and_takes_it_back() -> None:
    for name, kind in FORMATS.items():
        assert extension_for(name) == kind.extensions[0]
        if kind.written:
            assert format_for(extension_for(name)) == name


def test_only_formats_with_a_package_of_their_own_can_miss_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = {name for name in FORMATS if missing_package(name)}
    assert found == {"avif", "heif", "fits", "zarr"}


def test_no_extension_belongs_to_two_formats() -> None:
    every = [extension for kind in FORMATS.values() for extension in kind.extensions]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("title", "expected"), [("PNG", "a PNG"), ("AVIF", "an AVIF"), ("NPY", "an NPY")]
)
def test_the_article_fits_the_sound(title: str, expected: str) -> None:
    assert with_article(title) == expected


def test_a_format_that_is_a_folder_is_written_by_strips() -> None:
    folders = {name for name, kind in FORMATS.items() if kind.folder}
    assert folders == {"zarr"}
    assert all(FORMATS[name].strips for name in folders)
