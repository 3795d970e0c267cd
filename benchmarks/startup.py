"""How long the command takes to start, beside what no Python program can do without.

``dilcli --version`` and ``--help`` stand beside ``python -c "import click"``; one small PNG through
``dilcli apply`` stands beside a script that imports click, NumPy and Pillow and saves the same
picture again. Medians of whole processes by hyperfine, taking turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Measure, add_options, console, machine, show, versions, write_report
from rich.progress import track
from running import dilcli_command, in_turns, process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["beside_floors", "show_starts"]

SAMPLES = Path(__file__).parents[1] / "sample_images"
SAVE_AGAIN = Path(__file__).parent / "scripts" / "read_and_save.py"


def beside_floors(
    commands: Mapping[str, Sequence[str]], floors: Mapping[str, Sequence[str]], repeat: int
) -> list[Measure]:
    """Time whole commands, and hold each side of `floors` against those that it names.

    Returns
    -------
    list of Measure
        Of each such side the medians in milliseconds; a ratio is the floor's over the side's.
    """
    # The first run of each compiles and fills the disk's cache.
    for command in commands.values():
        process(command)
    rounds = track(range(repeat), "rounds", console=console, transient=True)
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    names = list(commands)
    for number in rounds:
        turn = number % len(names)
        order = {name: commands[name] for name in names[turn:] + names[:turn]}
        for name, taken in in_turns(order, 1).items():
            seconds[name] += taken
    medians = {name: 1000 * statistics.median(taken) for name, taken in seconds.items()}
    return [
        Measure(
            side,
            "milliseconds, median",
            {side: medians[side]} | {floor: medians[floor] for floor in beside},
            {floor: medians[floor] / medians[side] for floor in beside},
        )
        for side, beside in floors.items()
    ]


def show_starts(measures: Sequence[Measure]) -> None:
    """Print every side beside its floors."""
    rows = [
        [m.case, f"{m.values[m.case]:.1f}", floor, f"{m.values[floor]:.1f}", f"{1 / ratio:.2f}"]
        for m in measures
        for floor, ratio in m.ratios.items()
    ]
    show("medians, taking turns", ["", "ms", "beside", "ms", "times as long"], rows)


def main() -> None:
    """Time the processes and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=25)
    parser.add_argument("--photo", type=Path, default=SAMPLES / "zone-plate.png")
    add_options(parser, command=True)
    options = parser.parse_args()
    options.dilcli = dilcli_command(options)
    packages = versions("dilcli", "click", "numpy", "pillow")
    console.print(f"{machine()}\n{packages}")
    python, photo = [sys.executable], str(options.photo)
    with tempfile.TemporaryDirectory() as folder:
        outputs = [str(Path(folder, name)) for name in ("a.png", "b.png")]
        apply = [options.dilcli, "apply", photo, "-k", "sobel-y", "-d", "2", "--overwrite"]
        commands = {
            "python -c pass": [*python, "-c", "pass"],
            "import click": [*python, "-c", "import click"],
            "dilcli --version": [options.dilcli, "--version"],
            "dilcli --help": [options.dilcli, "--help"],
            "read and save": [*python, str(SAVE_AGAIN), photo, outputs[0]],
            "dilcli apply": [*apply, "-o", outputs[1]],
        }
        floors = {
            "dilcli --version": ["python -c pass", "import click"],
            "dilcli --help": ["import click"],
            "dilcli apply": ["read and save"],
        }
        measures = beside_floors(commands, floors, options.repeat)
    show_starts(measures)
    write_report(options, packages, measures, __file__)


if __name__ == "__main__":
    main()
