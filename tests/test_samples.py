"""The sample pictures are what their README and the script that makes them say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

SAMPLES = Path(__file__).parents[1] / "sample_images"
PICTURES = sorted(p for p in SAMPLES.iterdir() if p.suffix in {".png", ".jpg"})
README = (SAMPLES / "README.md").read_text(encoding="utf-8")
SYNTHETIC: dict[str, Any] = runpy.run_path(str(SAMPLES / "make_synthetic.py"))


@pytest.mark.parametrize("name", SYNTHETIC["pictures"]())
def test_the_script_reproduces_each_synthetic_picture_sample_by_sample(name: str) -> None:
    with Image.open(SAMPLES / name) as committed:
        assert committed.mode == "L"
        assert np.array_equal(np.asarray(committed), SYNTHETIC["pictures"]()[name])


def test_the_script_writes_its_pictures_into_the_folder_it_is_given(tmp_path: Path) -> None:
    SYNTHETIC["main"](tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == set(SYNTHETIC["pictures"]())


def test_the_zone_plate_reaches_half_a_cycle_a_pixel_at_the_edge_of_its_middle_row() -> None:
    row = SYNTHETIC["zone_plate"]()[128].astype(int)
    assert row[128] == 255
    assert np.array_equal(row, row[::-1])
    swings = np.abs(np.diff(row[-4:]))
    assert (swings > 250).all(), "neighbours swing from black to white at the Nyquist limit"


def test_every_picture_is_named_in_the_readme_and_every_named_picture_exists() -> None:
    named = set(re.findall(r"^\| `([\w-]+\.\w+)`", README, re.MULTILINE))
    assert named == {p.name for p in PICTURES}


@pytest.mark.parametrize("path", PICTURES, ids=lambda p: p.name)
def test_each_picture_has_upright_the_size_that_the_readme_gives_and_is_small(path: Path) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{path.name}`"))
    height, width = map(int, re.findall(r"(\d+) × (\d+)", row)[0])
    with Image.open(path) as picture:
        assert ImageOps.exif_transpose(picture).size == (width, height)
    assert path.stat().st_size < 400_000


def test_all_pictures_together_are_below_a_megabyte_and_a_quarter() -> None:
    assert sum(p.stat().st_size for p in PICTURES) < 1_250_000


def test_gray_rgb_and_rgba_pictures_of_8_bits_are_there() -> None:
    modes = {}
    for path in PICTURES:
        with Image.open(path) as picture:
            modes[path.name] = picture.mode
    assert (modes["camera.png"], modes["cat.png"], modes["tulips.png"]) == ("L", "RGB", "RGBA")


@pytest.mark.parametrize("name", ["wall16.png", "crop16.png"])
def test_the_16_bit_colour_pictures_hold_16_bits_in_their_header(name: str) -> None:
    header = (SAMPLES / name).read_bytes()[:26]
    bit_depth, colour_type = header[24], header[25]
    assert (bit_depth, colour_type) == (16, 2)


def test_the_coast_is_stored_on_its_side_and_carries_exif_and_a_colour_profile() -> None:
    with Image.open(SAMPLES / "coast.jpg") as picture:
        assert picture.getexif()[0x0112] == 6
        assert picture.info["icc_profile"]
        assert picture.info["dpi"] == (300, 300)
