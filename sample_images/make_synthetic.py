"""Make the synthetic sample pictures: the same samples on every machine.

Run as ``python sample_images/make_synthetic.py [FOLDER]``; without a folder the
pictures beside this script are written again.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["checkerboard", "impulse", "main", "pictures", "step", "zone_plate"]

Gray = NDArray[np.uint8]


def zone_plate(radius: int = 128) -> Gray:
    """Rings whose frequency grows with the distance from the centre.

    The phase is pi r^2 / (2 radius), so the radial frequency r / (2 radius) reaches half a
    cycle a pixel (the Nyquist limit) at ``radius``. Squared distances are whole numbers:
    the cosine comes from a table with one entry for each of them in a period.
    """
    period = 4 * radius
    table = [round(128 + 127 * math.cos(2 * math.pi * k / period)) for k in range(period)]
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    phase: NDArray[np.intp] = (y * y + x * x) % period
    return np.array(table, np.uint8)[phase]


def impulse(size: int = 65) -> Gray:
    """One white pixel in the middle of black: a filter draws its taps around it."""
    picture = np.zeros((size, size), np.uint8)
    picture[size // 2, size // 2] = 255
    return picture


def step(size: int = 128) -> Gray:
    """Dark above, bright below: one horizontal edge and nothing else."""
    picture = np.full((size, size), 64, np.uint8)
    picture[size // 2 :] = 192
    return picture


def checkerboard(size: int = 128, square: int = 8) -> Gray:
    """Black and white squares: taps an even number of squares apart see one colour only."""
    y, x = np.ogrid[:size, :size]
    white: NDArray[np.bool_] = (y // square + x // square) % 2 == 1
    return np.where(white, np.uint8(255), np.uint8(0))


def pictures() -> dict[str, Gray]:
    """Every synthetic picture by its file name."""
    return {
        "checkerboard.png": checkerboard(),
        "impulse.png": impulse(),
        "step.png": step(),
        "zone-plate.png": zone_plate(),
    }


def main(folder: Path) -> None:
    """Write every picture into ``folder``."""
    for name, picture in pictures().items():
        Image.fromarray(picture).save(folder / name, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
