"""Filter speed beside OpenCV, SciPy and PyTorch, in one run: see README.md in this folder.

Prints million samples per second and ratios: 2.0 means that dilcli takes half of the peer's time.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from harness import Measure, add_options, machine, mean_ratio, measured, versions, write_report
from running import interleaved
from sides import PREPARE, PREPARE_SEPARABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODULES = {"opencv": "cv2", "scipy": "scipy", "torch": "torch"}
#: These take many seconds for a large kernel on 12 megapixels: they get a smaller picture.
SLOW = ("scipy", "torch")
#: Up to about this width OpenCV sums the taps one by one, above it takes a DFT.
DIRECT_WIDTH = 11


@dataclass(frozen=True)
class Cell:
    """One kernel at one dilation on one type of picture.

    ``speed`` and ``small`` are million samples per second by side, on the large and on the small
    picture; ``ratio`` is dilcli's speed over the peer's, ``difference`` the largest difference of
    a sample from dilcli's, relative to the largest sample for float32.
    """

    samples: str
    kernel: int
    dilation: int
    effective_size: int
    speed: dict[str, float]
    small: dict[str, float]
    ratio: dict[str, float]
    difference: dict[str, float]

    def measures(self, shape: str) -> list[Measure]:
        """Give the cell as a report holds it; `shape` is the kernel's."""
        case = f"{self.samples}, {self.kernel}x{self.kernel} {shape}, dilation {self.dilation}"
        speeds = {"large": self.speed, "small": self.small}
        found = [
            measured(case, f"million samples a second, {name} picture", speed, more=True)
            for name, speed in speeds.items()
            if len(speed) > 1
        ]
        return [*found, Measure(case, "largest difference of a sample", self.difference)]


def picture(kind: str, size: tuple[int, int]) -> NDArray[Any]:
    """Make a random picture: float32 gray in [0, 1), or uint8 RGB."""
    rng = np.random.default_rng(1)
    if kind == "float32":
        return rng.random(size, np.float32)
    return rng.integers(0, 256, (*size, 3), np.uint8)


def weights(size: int, options: argparse.Namespace) -> NDArray[np.float64]:
    """Make a dense kernel: random of full rank with sum 1, integers, or a Gaussian."""
    table: NDArray[np.float64]
    if options.separable:
        half = np.exp(-0.5 * ((np.arange(size) - size // 2) / (size / 6)) ** 2)
        table = np.outer(half, half) / half.sum() ** 2
        return table
    rng = np.random.default_rng(size)
    if options.integer:
        table = rng.integers(1, 9, (size, size)) * rng.choice([-1.0, 1.0], (size, size))
        return table
    table = rng.normal(size=(size, size))
    table /= np.abs(table).sum()
    table += (1 - table.sum()) / table.size
    return table


def measure_cell(kind: str, size: int, dilation: int, options: argparse.Namespace) -> Cell:
    """Check that all sides agree, then time them taking turns."""
    table = weights(size, options)
    prepare = PREPARE_SEPARABLE if options.separable else PREPARE
    speed: dict[str, dict[str, float]] = {}
    difference: dict[str, float] = {}
    for name, area, slow in (("speed", options.size, False), ("small", options.small_size, True)):
        peers = [peer for peer in options.peers if (peer in SLOW) is slow]
        speed[name] = {}
        if slow and not peers:
            continue
        image = picture(kind, area)
        runs = {side: prepare[side](image, table, dilation) for side in ("dilcli", *peers)}
        ours = runs["dilcli"]()
        for peer in peers:
            difference[peer] = _difference(ours, runs[peer]())
            limit = 1 if kind == "uint8" else 1e-4
            if not difference[peer] <= limit:
                raise SystemExit(f"{kind} {size}x{size} d={dilation}: {peer} differs {difference}")
        seconds = interleaved(runs, options.repeat, budget=2.0 if slow else math.inf)
        speed[name] = {side: image.size / 1e6 / min(taken) for side, taken in seconds.items()}
    ratio = {
        peer: own["dilcli"] / own[peer]
        for own in speed.values()
        for peer in own
        if peer != "dilcli"
    }
    effective = (size - 1) * dilation + 1
    return Cell(kind, size, dilation, effective, speed["speed"], speed["small"], ratio, difference)


def _difference(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
    worst = float(np.abs(ours.astype(np.float64) - theirs).max())
    return worst if ours.dtype == np.uint8 else worst / float(np.abs(ours).max())


def _first_slow(peers: list[str]) -> str | None:
    return next((peer for peer in peers if peer in SLOW), None)


def line(cell: Cell, peers: list[str]) -> str:
    """Write a cell as a line of the table."""
    text = f"{cell.kernel:>3} {cell.dilation:>4} {cell.effective_size:>5} |"
    text += f"{cell.speed['dilcli']:>8.0f}"
    for peer in peers:
        own = cell.small if peer in SLOW else cell.speed
        if peer == _first_slow(peers):
            text += f" |{own['dilcli']:>8.0f}"
        text += f" {own[peer]:>7.0f} {cell.ratio[peer]:>6.2f}"
    return text


def heading(peers: list[str]) -> str:
    """Write the two lines above the table."""
    text = "  k    d  size |  dilcli"
    for peer in peers:
        if peer == _first_slow(peers):
            text += " |  dilcli"
        text += f" {peer:>7}  ratio"
    return text + "\n" + "-" * len(text)


def summary(cells: list[Cell], peers: list[str]) -> list[str]:
    """Give geometric means and smallest ratios, by peer and by range of effective sizes."""
    groups = {
        f"effective size > {DIRECT_WIDTH}, kernels up to 11": lambda c: (
            c.effective_size > DIRECT_WIDTH and c.kernel <= 11
        ),
        f"effective size > {DIRECT_WIDTH}, kernels above 11": lambda c: (
            c.effective_size > DIRECT_WIDTH and c.kernel > 11
        ),
        f"effective size <= {DIRECT_WIDTH}": lambda c: c.effective_size <= DIRECT_WIDTH,
    }
    lines = []
    for peer, (name, belongs) in itertools.product(peers, groups.items()):
        ratios = [cell.ratio[peer] for cell in cells if belongs(cell)]
        if ratios:
            lines.append(
                f"{peer:>7}, {name:<38} geometric mean {mean_ratio(ratios):6.2f}, "
                f"smallest {min(ratios):6.2f}"
            )
    worst = {peer: max(cell.difference[peer] for cell in cells) for peer in peers}
    lines.append(
        "largest difference of a sample from dilcli's: "
        + ", ".join(f"{peer} {value:.2g}" for peer, value in worst.items())
    )
    return lines


def _size(text: str) -> tuple[int, int]:
    height, width = text.split("x")
    return int(height), int(width)


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=_size, default=(3000, 4000), metavar="HxW")
    parser.add_argument("--small-size", type=_size, default=(1000, 1000), metavar="HxW")
    parser.add_argument("--kernels", type=_numbers, metavar="N,N")
    parser.add_argument("--dilations", type=_numbers, default=[1, 2, 4, 8, 16], metavar="N,N")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--peers", default="opencv,scipy,torch", metavar="NAME,NAME")
    parser.add_argument("--samples", default="float32,uint8", metavar="TYPE,TYPE")
    parser.add_argument("--separable", action="store_true", help="Gaussians, cv2.sepFilter2D")
    parser.add_argument("--integer", action="store_true", help="whole-numbered random weights")
    add_options(parser)
    options = parser.parse_args()
    options.kernels = options.kernels or (
        [5, 9, 15, 31] if options.separable else [3, 5, 7, 11, 15]
    )
    wanted = [peer for peer in options.peers.split(",") if peer]
    if unknown := set(wanted) - set(MODULES):
        parser.error(f"no such peer: {', '.join(unknown)} (choose from {', '.join(MODULES)})")
    options.peers = [peer for peer in wanted if importlib.util.find_spec(MODULES[peer])]
    return options


def main() -> None:
    """Measure every cell and print the table."""
    options = _options()
    grid = list(itertools.product(options.kernels, options.dilations))
    kinds = options.samples.split(",")
    packages = versions("dilcli", "numpy", "opencv-python-headless", "scipy", "torch")
    shape = "separable" if options.separable else "integer" if options.integer else "full rank"
    measures: list[Measure] = []
    print(f"{machine()}\n{packages}")
    print(
        f"million samples a second, best of {options.repeat}, taking turns; ratio = dilcli / peer"
    )
    for kind in kinds:
        large, small = ("x".join(map(str, s)) for s in (options.size, options.small_size))
        print(
            f"\n{kind} {'RGB' if kind == 'uint8' else 'gray'}, {large}; SciPy and PyTorch {small}"
        )
        print(heading(options.peers))
        cells = []
        for size, dilation in grid:
            cells.append(measure_cell(kind, size, dilation, options))
            print(line(cells[-1], options.peers), flush=True)
            measures += cells[-1].measures(shape)
        print("\n" + "\n".join(summary(cells, options.peers)))
    write_report(options, packages, measures, __file__)


if __name__ == "__main__":
    main()
