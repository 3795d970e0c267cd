"""How long ``dilcli rf`` takes, beside what any such table in a terminal costs, and beside PyTorch.

A receptive-field table without a deep-learning framework is worth having if it is there before the
framework would have been imported: ``python -c "import click, rich.table"`` is the floor,
``python -c "import torch"`` the ceiling. Medians of whole processes by hyperfine, taking turns.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys

from harness import add_options, console, machine, versions, write_report
from running import dilcli_command
from startup import beside_floors, show_starts

LAYERS = "conv3 conv3d2 conv3d4"
FLOOR, CEILING = "import click, rich.table", "import torch"


def main() -> None:
    """Time the processes and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--no-torch", action="store_true", help="leave PyTorch out")
    add_options(parser, command=True)
    options = parser.parse_args()
    options.dilcli = dilcli_command(options)
    packages = versions("dilcli", "click", "rich", "torch")
    console.print(f"{machine()}\n{packages}")
    commands = {
        FLOOR: [sys.executable, "-c", FLOOR],
        "dilcli rf, table": [options.dilcli, "rf", LAYERS, "--input-size", "224"],
        "dilcli rf --json": [options.dilcli, "rf", LAYERS, "--input-size", "224", "--json"],
        "dilcli rf --preset resnet50": [options.dilcli, "rf", "--preset", "resnet50"],
    }
    floors = {side: [FLOOR] for side in list(commands)[1:]}
    if not options.no_torch and importlib.util.find_spec("torch"):
        commands[CEILING] = [sys.executable, "-c", CEILING]
        floors = {side: [FLOOR, CEILING] for side in floors}
    measures = beside_floors(commands, floors, options.repeat)
    show_starts(measures)
    write_report(options, packages, measures, __file__)


if __name__ == "__main__":
    main()
