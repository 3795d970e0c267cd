"""One picture through whole commands: ``dilcli apply`` beside the tools one would take instead.

Prints seconds (medians by hyperfine, sides in turns), peak memory, the size of the output and how
far it is from dilcli's, for pictures of five kinds, kernels of 3, 7 and 15 taps a side, separable
and of full rank, at dilations of 1, 4 and 16. A side that takes longer than ``--cap`` seconds is
stopped once and reported as slower than that.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from harness import (
    Measure,
    add_options,
    console,
    machine,
    mean_ratio,
    measured,
    show,
    versions,
    write_report,
)
from peer_commands import PEERS, Case, commands, tool_versions
from photograph import PICTURES, add_option, save
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from running import dilcli_command, in_turns, process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from running import Run

SECONDS, MEMORY, SIZE = "seconds, median", "peak memory, MB", "output, MB"
APART = "mean |difference| from dilcli, 8-bit levels"
Kind = tuple[str, int, bool, int]


def kinds(options: argparse.Namespace) -> list[Kind]:
    """List picture, taps a side, separability and dilation of every case.

    ``star`` is every picture with 3x3 of full rank at dilation 4, and every kernel at every
    dilation on the TIFF, whose coding costs least.
    """
    whole = [which == "separable" for which in options.kinds]
    grid = itertools.product(options.pictures, options.kernels, whole, options.dilations)
    if options.grid == "full":
        return list(grid)
    base = (options.kernels[0], whole[0])
    middle = options.dilations[len(options.dilations) // 2]
    centre = options.grid == "centre"
    return [
        kind
        for kind in grid
        if (kind[1:3] == base and kind[3] == middle) or (kind[0] == "tif" and not centre)
    ]


def name_of(kind: Kind) -> str:
    """Say what a case is."""
    picture, size, separable, dilation = kind
    shape = "separable" if separable else "full rank"
    return f"{PICTURES[picture][1]}, {size}x{size} {shape}, dilation {dilation}"


def middle_of(path: Path, top: int) -> NDArray[Any]:
    """Read the middle of a picture; OpenCV knows every compression that the sides write."""
    cv2 = importlib.import_module("cv2")
    samples: NDArray[Any] = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    rows, columns = (max(n // 2 - 250, 20) for n in samples.shape[:2])
    samples = samples[rows : samples.shape[0] - rows, columns : samples.shape[1] - columns]
    return np.clip(samples.astype(np.float64), 0, top)


def difference(ours: Path, theirs: Path, *, deep: bool) -> float:
    """Compare the middles of two outputs: the mean difference in levels of 8 bits."""
    top = 65535 if deep else 255
    return float(np.abs(middle_of(ours, top) - middle_of(theirs, top)).mean()) * 255 / top


def measure_case(
    kind: Kind, path: Path, folder: Path, options: argparse.Namespace
) -> list[Measure]:
    """Run every side once, stop the slow ones, compare the outputs, and time the others."""
    case = Case(path, *kind[1:], deep=kind[0] == "tif16")
    sides = commands(case, folder, options.dilcli, options.peers)
    if kind[0] != "small":
        sides.pop("read and save", None)
    words = {side: words for side, (words, _) in sides.items()}
    probes: dict[str, Run] = {}
    for side, command in words.items():
        probes[side] = process(command, cap=0.0 if side == "dilcli" else options.cap)
    done = [side for side in words if not probes[side].capped]
    seconds = in_turns({side: words[side] for side in done}, options.rounds, options.budget)
    values = {s: statistics.median(t) for s, t in seconds.items()}
    bounds = [side for side in words if side not in done]
    values |= dict.fromkeys(bounds, options.cap)
    sizes = {side: sides[side][1].stat().st_size / 1e6 for side in done}
    apart = {
        side: difference(sides["dilcli"][1], sides[side][1], deep=case.deep)
        for side in done
        if side not in ("dilcli", "read and save")
    }
    name = name_of(kind)
    return [
        measured(name, SECONDS, values, bounds=bounds),
        measured(name, MEMORY, {side: probes[side].peak / 1e6 for side in done}),
        measured(name, SIZE, sizes),
        Measure(name, APART, apart),
    ]


def rows(measures: Sequence[Measure]) -> list[list[str]]:
    """Lay out a case: a row for every side."""
    taken, peak, size, apart = measures
    lines = []
    for side, value in taken.values.items():
        if side in taken.bounds:
            lines.append([side, f"> {value:g}", f"> {taken.ratios[side]:.1f}", "", "", "", "", ""])
            continue
        ratios = [m.ratios.get(side, 1.0) for m in (taken, peak, size)]
        lines.append(
            [
                side,
                f"{value:.3f}",
                f"{ratios[0]:.2f}",
                f"{peak.values[side]:.0f}",
                f"{ratios[1]:.2f}",
                f"{size.values[side]:.2f}",
                f"{ratios[2]:.2f}",
                f"{apart.values[side]:.2f}" if side in apart.values else "",
            ]
        )
    return lines


def summary(measures: Sequence[Measure]) -> list[list[str]]:
    """Give geometric mean and smallest ratio of seconds by peer, bounds left in as they are."""
    found: dict[str, list[float]] = {}
    for measure in measures:
        for peer, ratio in measure.ratios.items():
            if measure.quantity == SECONDS:
                found.setdefault(peer, []).append(ratio)
    return [
        [peer, str(len(ratios)), f"{mean_ratio(ratios):.2f}", f"{min(ratios):.2f}"]
        for peer, ratios in found.items()
    ]


def _words(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_option(parser)
    parser.add_argument("--grid", choices=["star", "full", "centre"], default="star")
    parser.add_argument("--pictures", type=_words, default=list(PICTURES), metavar="NAME,NAME")
    parser.add_argument("--kernels", type=_numbers, default=[3, 7, 15], metavar="N,N")
    parser.add_argument("--dilations", type=_numbers, default=[1, 4, 16], metavar="N,N")
    parser.add_argument("--kinds", type=_words, default=["full-rank", "separable"])
    parser.add_argument("--peers", type=_words, default=list(PEERS), metavar="NAME,NAME")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cap", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--budget", type=float, default=20.0, metavar="SECONDS", help="of a side")
    parser.add_argument("--quick", action="store_true", help="two minutes: see below")
    parser.epilog = "--quick is --grid centre --pictures jpg,small --rounds 3 --cap 8"
    add_options(parser, command=True)
    options = parser.parse_args()
    if options.quick:
        options.grid, options.pictures, options.rounds, options.cap = (
            "centre",
            ["jpg", "small"],
            3,
            8.0,
        )
    for given, known in ((options.pictures, PICTURES), (options.peers, PEERS)):
        if unknown := set(given) - set(known):
            parser.error(f"no such name: {', '.join(unknown)} (choose from {', '.join(known)})")
    here = {p for p, programs in PEERS.items() if any(map(shutil.which, programs))}
    options.peers = [peer for peer in options.peers if peer in here]
    options.dilcli = dilcli_command(options)
    return options


def main() -> None:
    """Measure every case and print a table of each."""
    options = _options()
    packages = versions("dilcli", "numpy", "pillow", "tifffile", "opencv-python-headless", "scipy")
    packages += f", {tool_versions([*options.peers])}"
    console.print(f"{machine()}\n{packages}")
    measures: list[Measure] = []
    columns = ["", "seconds", "ratio", "peak MB", "ratio", "output MB", "ratio", "|difference|"]
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with tempfile.TemporaryDirectory() as name, bar:
        folder = Path(name)
        cases = kinds(options)
        pictures = {p: save(options.photo, p, folder) for p in dict(case[:2] for case in cases)}
        outputs = folder / "out"
        outputs.mkdir()
        for kind in bar.track(cases, description="cases"):
            measures += measure_case(kind, pictures[kind[0]], outputs, options)
            show(measures[-1].case, columns, rows(measures[-4:]))
            write_report(options, packages, measures, __file__)
    show(
        "seconds: peer / dilcli, over all cases",
        ["", "cases", "geometric mean", "smallest"],
        summary(measures),
    )


if __name__ == "__main__":
    main()
