"""Compare ``dilcli apply`` with G'MIC's own dilated ``correlate``, sample by sample.

G'MIC is the one command-line tool that has dilation; it must be on the PATH as ``gmic``. Both
tools filter a photograph to unrounded responses. The largest difference is printed for every
boundary that G'MIC has, and the exit code is 1 if one is above a hair of the largest response.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from harness import Measure, add_options, versions, write_report
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SAMPLES = Path(__file__).parents[1] / "sample_images"
#: dilcli's boundary: G'MIC's number for it. It has no ``mirror`` (without the edge pixel).
BOUNDARIES = {"constant": 0, "nearest": 1, "wrap": 2, "reflect": 3}
DILATIONS = [(1, 1), (2, 2), (3, 3), (5, 5), (2, 3)]
#: Odd sizes only: G'MIC centres even kernels elsewhere, and elsewhere again for small ones.
KERNELS = {
    "sobel-y": "-1 -2 -1; 0 0 0; 1 2 1",
    "box 1x7": "1 1 1 1 1 1 1",
    "3x5": "3 -1 4 1 -5; 9 2 -6 5 3; 5 8 -9 7 9",
    "9x9": "; ".join(" ".join(str((7 * i + 3 * j) % 11 - 5) for j in range(9)) for i in range(9)),
}


def run(command: list[str]) -> None:
    """Run a tool; its complaint is ours."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")


def newer_call(size: tuple[int, int], dilation: tuple[int, int]) -> str:
    """Write the centre, strides and dilations in the order of G'MIC 3.6."""
    (height, width), (dy, dx) = size, dilation
    return f"{width // 2},{height // 2},0,1,1,1,{dx},{dy},1"


def older_call(size: tuple[int, int], dilation: tuple[int, int]) -> str:
    """Write them in the order of G'MIC 2.9, with a crop that keeps everything in between."""
    (height, width), (dy, dx) = size, dilation
    return f"{width // 2},{height // 2},0,0,0,0,-1,-1,-1,1,1,1,{dx},{dy},1"


def gmic(
    photo: Path, table: list[list[str]], boundary: str, places: str, out: Path
) -> NDArray[Any]:
    """Filter `photo` by G'MIC; the raw file it writes holds one plane after the other."""
    mask = "(" + ";".join(",".join(row) for row in table) + ")"
    call = f"[1],{BOUNDARIES[boundary]},0,1,{places}"
    run(["gmic", str(photo), mask, "correlate[0]", call, "keep[0]", "output", f"{out},float"])
    return np.fromfile(out, np.float32)


def dilcli(
    photo: Path, kernel: str, boundary: str, dilation: tuple[int, int], out: Path
) -> NDArray[Any]:
    """Filter `photo` by this project's command."""
    command = [sys.executable, "-m", "dilcli", "apply", str(photo), "-k", kernel, "-b", boundary]
    command += ["-d", "x".join(map(str, dilation)), "--response", "raw", "--depth", "float"]
    run([*command, "--overwrite", "-o", str(out)])
    response: NDArray[Any] = np.load(out)
    return response


def order_of_arguments(photo: Path, samples: int, out: Path) -> Callable[..., str]:
    """Find which order this G'MIC wants: the wrong one crops the picture."""
    places = newer_call((1, 1), (2, 2))
    return newer_call if gmic(photo, [["1"]], "wrap", places, out).size == samples else older_call


def main() -> None:
    """Compare every kernel, boundary and dilation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", nargs="?", type=Path, default=SAMPLES / "cat.png")
    add_options(parser)
    options = parser.parse_args()
    photo: Path = options.photo
    if not shutil.which("gmic"):
        raise SystemExit("gmic is not installed; on Debian and Ubuntu: apt-get install gmic")
    with Image.open(photo) as picture:
        pixels = np.asarray(picture)
    packages = versions("dilcli", "numpy")
    print(f"{photo.name}: {pixels.shape} {pixels.dtype}; {packages}")
    worst = 0.0
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory() as folder:
        raw, npy = Path(folder, "gmic.raw"), Path(folder, "dilcli.npy")
        arrange = order_of_arguments(photo, pixels.size, raw)
        for (name, text), boundary in itertools.product(KERNELS.items(), BOUNDARIES):
            table = [row.split() for row in text.split(";")]
            size = (len(table), len(table[0]))
            found: dict[str, float] = {}
            for dilation in DILATIONS:
                theirs = gmic(photo, table, boundary, arrange(size, dilation), raw)
                ours = dilcli(photo, text, boundary, dilation, npy)
                planes = np.moveaxis(ours.reshape(*pixels.shape[:2], -1), -1, 0)
                difference = float(np.abs(planes.ravel().astype(np.float64) - theirs).max())
                worst = max(worst, difference / float(np.abs(theirs).max()))
                found["x".join(map(str, dilation))] = difference
            measures.append(Measure(f"{name}, {boundary}", "max |difference| by dilation", found))
            each = ", ".join(f"{dilation}: {apart:.3g}" for dilation, apart in found.items())
            print(f"{name:<8} {boundary:<9} max |difference| at dilation {each}")
    print(f"largest difference, of the largest response: {worst:.2g}")
    write_report(options, packages, measures, __file__)
    raise SystemExit(worst > 1e-6)


if __name__ == "__main__":
    main()
