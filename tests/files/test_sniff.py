from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from dilcli.errors import ImageFileError
from dilcli.files.records import Source
from dilcli.files.sniff import is_store, sniff
from tests.files import makers

if TYPE_CHECKING:
    from pathlib import Path


def _pillow(name: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6)).save(buffer, name)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PNG", "png"),
        ("JPEG", "jpeg"),
        ("TIFF", "tiff"),
        ("WEBP", "webp"),
        ("GIF", "gif"),
        ("BMP", "bmp"),
        ("PPM", "pnm"),
        ("JPEG2000", "jpeg2000"),
        ("TGA", "tga"),
    ],
)
def test_the_content_names_the_format_whatever_the_name_says(name: str, expected: str) -> None:
    assert sniff(Source("holiday.txt", data=_pillow(name))) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"MM\0*", "tiff"),
        (b"II+\0", "tiff"),
        (b"MM\0+", "tiff"),
        (b"\x93NUMPY\x01\0", "npy"),
        (b"P4\n1 1\n", "pnm"),
        (b"P5#c\n", "pnm"),
        (b"Pf\n", "pfm"),
        (b"SIMPLE  =                    T", "fits"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heif"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avif", "avif"),
        (b"\0\0\0\x1cftypavis\0\0\0\0avis", "avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "avif"),
        (b"\xff\x4f\xff\x51\0\x2f", "jpeg2000"),
    ],
)
def test_first_bytes_tell(head: bytes, expected: str) -> None:
    assert sniff(Source("x", data=head + bytes(64))) == expected


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"\xc5\xd0\xd3\xc6", "EPS"),
        (b"%PDF-1.7", "PDF"),
        (b"\xef\xbb\xbf  <svg xmlns=", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"\0\0\0\x20ftypisom", "video"),
        (b"\0\0\0\x14ftypqt  ", "video"),
        (b"RIFF\0\0\0\0AVI LIST", "video"),
        (b"\x1a\x45\xdf\xa3", "video"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\x76\x2f\x31\x01", "OpenEXR"),
        (b"8BPS", "Photoshop"),
        (b"PK\x03\x04", "ZIP"),
        (b"just some text", "not a picture"),
        (b"\x89PNG", "not a picture"),
    ],
)
def test_what_is_not_on_the_list_is_refused_by_name(data: bytes, said: str) -> None:
    """Some of these would start another program or read an address in a library's hands."""
    with pytest.raises(ImageFileError, match=said) as caught:
        sniff(Source("x.png", data=data))
    assert "dilcli reads PNG" in str(caught.value)


def test_an_empty_file_is_said_to_be_empty() -> None:
    with pytest.raises(ImageFileError, match=r"x\.png: the file is empty"):
        sniff(Source("x.png", data=b""))


def test_postscript_with_the_footer_of_a_tga_is_not_taken_for_a_tga() -> None:
    """Pillow would start Ghostscript for it."""
    data = b"%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(64) + b"TRUEVISION-XFILE.\0"
    with pytest.raises(ImageFileError, match="PostScript"):
        sniff(Source("x.tga", data=data))


def test_a_tga_is_known_by_its_footer_only_with_a_sound_header() -> None:
    data = _pillow("TGA")
    assert sniff(Source("x", data=data)) == "tga"
    with pytest.raises(ImageFileError):
        sniff(Source("x", data=b"\xff\xff\xff" + data[3:]))


def test_a_picture_in_disguise_is_still_what_it_is() -> None:
    data = makers.jpeg(makers.noise((8, 8)))
    assert sniff(Source("photo.png", data=data)) == "jpeg"


@pytest.mark.parametrize("marker", ["zarr.json", ".zarray", ".zgroup"])
def test_a_folder_with_the_metadata_of_a_zarr_is_one(tmp_path: Path, marker: str) -> None:
    folder = tmp_path / "holiday.png"
    (folder / "c").mkdir(parents=True)
    assert not is_store(folder)
    (folder / marker).touch()
    assert is_store(folder)
    assert sniff(Source("x", path=folder)) == "zarr"
    assert not is_store(folder / marker)
    assert not is_store(folder / "c")
    assert not is_store(folder / "nowhere")
