"""The photograph that the benchmarks of files filter: 16 Mpx, CC0, from a Debian package.

``apt-get install lomiri-wallpapers-16.04`` puts it where it is looked for; any other photograph of
12 Mpx or more can be named instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

__all__ = ["add_option", "crops"]

PHOTO = Path("/usr/share/backgrounds/seeding_by_Clements_Engelhardt.jpg")
SIZE = (4000, 3000)


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
