"""Make the picture that the project's README opens with, by the tool itself.

Run as ``python sample_images/make_readme_picture.py [FILE]``: a photograph before and after
``dilcli apply -k sobel-y`` at dilation 1, 2 and 4, each with the taps of its kernel drawn to scale.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

__all__ = ["main"]

HERE = Path(__file__).parent
PHOTO = HERE / "cat.png"
DILATIONS = (1, 2, 4)
GAP, BAR, CELL, MARGIN = 8, 58, 4, 6


def filtered(folder: Path) -> list[Image.Image]:
    """Run the command once for all dilations and load what it wrote."""
    command = [sys.executable, "-m", "dilcli", "apply", str(PHOTO), "-k", "sobel-y"]
    command += ["-d", ",".join(map(str, DILATIONS)), "-o", str(folder / "{dilation}.png")]
    subprocess.run(command, check=True)  # noqa: S603 -- the project's own command
    return [Image.open(folder / f"{dilation}.png").convert("RGB") for dilation in DILATIONS]


def draw_taps(draw: ImageDraw.ImageDraw, corner: tuple[int, int], dilation: int) -> None:
    """Draw the six taps of sobel-y: orange adds, blue subtracts, the rest is holes."""
    size = 2 * dilation + 1
    for y in range(size):
        for x in range(size):
            row, column = y // dilation, x // dilation
            tap = y % dilation == 0 and x % dilation == 0 and row != 1
            colour = ("#2f6fb0", "", "#e07b20")[row] if tap and column <= 2 else "#e4e4e4"
            left, top = corner[0] + x * (CELL + 1), corner[1] + y * (CELL + 1)
            draw.rectangle((left, top, left + CELL - 1, top + CELL - 1), fill=colour)


def panel(picture: Image.Image, caption: str, dilation: int | None) -> Image.Image:
    """Put a caption, and the taps if there are any, under a picture."""
    sheet = Image.new("RGB", (picture.width, picture.height + BAR), "white")
    sheet.paste(picture)
    draw = ImageDraw.Draw(sheet)
    middle = picture.height + BAR // 2
    indent = MARGIN
    if dilation is not None:
        extent = (2 * dilation + 1) * (CELL + 1)
        draw_taps(draw, (MARGIN, middle - extent // 2), dilation)
        indent = 2 * MARGIN + 9 * (CELL + 1)
    draw.text((indent, middle), caption, "black", ImageFont.load_default(17), anchor="lm")
    return sheet


def main(target: Path) -> None:
    """Filter, caption and join."""
    with tempfile.TemporaryDirectory() as folder, Image.open(PHOTO) as photo:
        panels = [panel(photo.convert("RGB"), "before", None)]
        for dilation, result in zip(DILATIONS, filtered(Path(folder)), strict=True):
            side = 2 * dilation + 1
            caption = f"sobel-y, dilation {dilation}: 6 taps on {side} x {side} pixels"
            panels.append(panel(result, caption, dilation))
    width, height = panels[0].size
    sheet = Image.new("RGB", (2 * width + GAP, 2 * height), "white")
    for place, part in enumerate(panels):
        sheet.paste(part, (place % 2 * (width + GAP), place // 2 * height))
    sheet.save(target, quality=88, subsampling=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "readme.jpg")
