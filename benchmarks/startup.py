"""How long the command takes to start, beside what no Python program can do without.

``dilcli --version`` and ``--help`` stand beside ``python -c "import click"``; one small PNG through
``dilcli apply`` stands beside a script that imports click, NumPy and Pillow and saves the same
picture again. Medians of whole processes, taking turns.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import interleaved, machine, versions

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).parents[1] / "sample_images"
SAVE_AGAIN = """\
import sys
import click
import numpy
from PIL import Image
with Image.open(sys.argv[1]) as picture:
    Image.fromarray(numpy.asarray(picture)).save(sys.argv[2])
"""


def process(*command: str) -> Callable[[], object]:
    """Prepare a process whose output is thrown away and whose failure is not."""
    return lambda: subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    """Time the processes and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=25)
    parser.add_argument("--photo", type=Path, default=SAMPLES / "zone-plate.png")
    options = parser.parse_args()
    command = shutil.which("dilcli", path=Path(sys.executable).parent) or shutil.which("dilcli")
    if command is None:
        raise SystemExit("dilcli is not installed beside this Python")
    print(machine())
    print(versions("dilcli", "click", "numpy", "pillow"))
    with tempfile.TemporaryDirectory() as folder:
        photo = str(options.photo)
        outputs = [str(Path(folder, name)) for name in ("a.png", "b.png")]
        apply = (command, "apply", photo, "-k", "sobel-y", "-d", "2", "--overwrite", "-o")
        sides = {
            "python -c pass": process(sys.executable, "-c", "pass"),
            "import click": process(sys.executable, "-c", "import click"),
            "dilcli --version": process(command, "--version"),
            "dilcli --help": process(command, "--help"),
            "read and save": process(sys.executable, "-c", SAVE_AGAIN, photo, outputs[0]),
            "dilcli apply": process(*apply, outputs[1]),
        }
        interleaved(sides, 1)  # The first run of each compiles and fills the disk's cache.
        seconds = interleaved(sides, options.repeat)
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    floors = {
        "dilcli --version": "import click",
        "dilcli --help": "import click",
        "dilcli apply": "read and save",
    }
    for name, median in medians.items():
        text = f"{name:<17} {1000 * median:7.1f} ms"
        if name in floors:
            text += f"   {median / medians[floors[name]]:.2f} times {floors[name]!r}"
        print(text)


if __name__ == "__main__":
    main()
