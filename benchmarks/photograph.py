"""The photograph that the benchmarks of files filter: 16 Mpx, CC0, from a Debian package.

``apt-get install lomiri-wallpapers-16.04`` puts it where it is looked for; any other photograph of
12 Mpx or more can be named instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tifffile
from PIL import Image

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

__all__ = ["PICTURES", "add_option", "crops", "save"]

PHOTO = Path("/usr/share/backgrounds/seeding_by_Clements_Engelhardt.jpg")
SIZE = (4000, 3000)
#: Pictures by name: the ending of the file, and what it holds.
PICTURES = {
    "jpg": (".jpg", "JPEG, 12 Mpx"),
    "png": (".png", "PNG, 12 Mpx"),
    "tif": (".tif", "TIFF, 12 Mpx"),
    "tif16": (".tif", "16-bit TIFF, 12 Mpx"),
    "small": (".png", "PNG, 0.25 Mpx"),
}


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let the command line name another photograph."""
    parser.add_argument("--photo", type=Path, default=PHOTO, help="12 Mpx or more")


def crops(photo: Path, count: int) -> Iterator[Image.Image]:
    """Cut `count` different pictures of 12 Mpx out of a photograph, scaled up if it is too low."""
    if not photo.exists():
        raise SystemExit(
            f"{photo} is not there: apt-get install lomiri-wallpapers-16.04, or name any "
            "photograph of 12 Mpx or more with --photo"
        )
    width, height = SIZE
    with Image.open(photo) as opened:
        picture = opened.convert("RGB")
    scale = max(height / picture.height, (width + 1) / picture.width, 1.0)
    if scale > 1:
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    room = picture.width - width
    for number in range(count):
        left = number * 37 % (room + 1)
        yield picture.crop((left, 0, left + width, height))


def save(photo: Path, name: str, folder: Path) -> Path:
    """Write one of `PICTURES`: RGB, TIFFs not compressed, the low bits of 16 random."""
    path = folder / (name + PICTURES[name][0])
    picture = next(crops(photo, 1))
    if name == "small":
        picture = picture.crop((1750, 1250, 2250, 1750))
    if path.suffix != ".tif":
        picture.save(path, quality=85)
        return path
    samples = np.asarray(picture)
    if name == "tif16":
        low = np.random.default_rng(1).integers(0, 256, samples.shape, np.uint8)
        samples = samples.astype(np.uint16) << 8 | low
    tifffile.imwrite(path, samples, photometric="rgb")
    return path
