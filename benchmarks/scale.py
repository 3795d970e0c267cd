"""How time and memory grow, and how near to the machine's limits the filter comes.

Prints (1) the limits: copy bandwidth and the rate of float32 matrix products, by one thread and by
all; (2) the speed of the filter in memory by kernel size, dilation and number of threads, as shares
of these limits; (3) seconds and peak memory of ``dilcli apply`` on TIFFs by megapixels, dilation
and kernel size. ``large.py`` goes on to pictures larger than memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tifffile
from core import weights
from harness import Measure, add_options, console, machine, show, versions, write_report
from limits import Limits, measure_limits
from rich.progress import track
from running import Run, dilcli_command, interleaved, process

from dilcli.core.correlate import correlate
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import Kernel
from dilcli.core.recipe import Recipe
from dilcli.core.threads import available_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Bytes of a sample that have to be read and written at least.
TRAFFIC = {"float32": 8, "uint8": 2}
#: In the memory: the picture's rows and columns.
SIZE = (3000, 4000)


class Point(NamedTuple):
    """A kernel, its dilation, and what works on which samples."""

    samples: str
    taps: int
    dilation: int
    threads: int


def points(options: argparse.Namespace) -> list[Point]:
    """Vary one thing at a time around 3x3 at dilation 4 on all processors."""
    every = available_threads()
    cores = sorted({1, every})
    return [
        *(Point("float32", taps, 4, n) for taps in options.kernels for n in cores),
        *(Point("float32", 3, d, every) for d in options.dilations if d != 4),
        *(Point("uint8", 3, d, n) for d in options.dilations for n in cores),
    ]


def kernel_of(taps: int) -> Kernel:
    """Make a random kernel of full rank and sum 1."""
    plain = argparse.Namespace(separable=False, integer=False)
    return Kernel(tuple(map(tuple, weights(taps, plain).tolist())))


def call(point: Point) -> Callable[[], object]:
    """Prepare the filter in memory: float32 to float32, or 8 bits to 8 bits as files are."""
    kernel, step = kernel_of(point.taps), point.dilation
    rng = np.random.default_rng(1)
    if point.samples == "uint8":
        image: NDArray[Any] = rng.integers(0, 256, SIZE, np.uint8)
        recipe = Recipe(kernel, ((step, step),), response="clip")
        return lambda: filter_frame(image, recipe, threads=point.threads)
    image = rng.random(SIZE, np.float32)
    out = np.empty_like(image)
    return lambda: correlate(image, kernel, dilation=step, out=out, threads=point.threads)


def in_memory(limits: dict[int, Limits], options: argparse.Namespace) -> list[Measure]:
    """Measure the speed of the filter, and what share of each limit it is."""
    found = []
    for point in track(points(options), "in memory", console=console, transient=True):
        run = call(point)
        interleaved({"": run}, 1)
        speed = SIZE[0] * SIZE[1] / min(interleaved({"": run}, options.repeat)[""]) / 1e9
        limit = limits[point.threads]
        shares = {
            "bandwidth": speed * TRAFFIC[point.samples] / limit.bandwidth,
            "products": speed * 2 * point.taps**2 / limit.products,
        }
        case = f"{point.samples}, {point.taps}x{point.taps}, dilation {point.dilation}"
        case += f", {point.threads} threads"
        values = {"dilcli": 1000 * speed}
        found.append(Measure(case, "million samples a second", values, shares))
    return found


def whole(options: argparse.Namespace, folder: Path) -> list[Measure]:
    """Measure whole commands; ratios are of the first of a series, a megapixel each."""
    noise = np.random.default_rng(1).integers(0, 256, (1000, 1000, 3), np.uint8)
    kernels = {taps: folder / f"{taps}.txt" for taps in {3, *options.kernels}}
    for taps, path in kernels.items():
        np.savetxt(path, weights(taps, argparse.Namespace(separable=False, integer=False)))
    pictures = {}
    for area in sorted({12, *options.megapixels}):
        pictures[area] = folder / f"{area}.tif"
        rows = np.concatenate([noise] * area)
        tifffile.imwrite(pictures[area], rows, photometric="rgb", rowsperstrip=64)
    series = {
        "megapixels": [(area, 3, 4) for area in options.megapixels],
        "dilation": [(12, 3, step) for step in options.dilations],
        "taps a side": [(12, taps, 4) for taps in options.kernels],
    }
    steps = [(name, step) for name, each in series.items() for step in each]
    runs: dict[tuple[str, tuple[int, int, int]], list[Run]] = {step: [] for step in steps}
    for _ in range(options.rounds):
        for name, (area, taps, step) in track(steps, "apply", console=console, transient=True):
            words = [options.dilcli, "apply", str(pictures[area]), "-k", f"@{kernels[taps]}"]
            words += ["-d", str(step), "--compression", "none", "-o", str(folder / "out.tif")]
            runs[name, (area, taps, step)].append(process([*words, "--overwrite"]))
    found = []
    for name, each in series.items():
        seconds = [statistics.median(r.seconds for r in runs[name, s]) / s[0] for s in each]
        peaks = [statistics.median(r.peak for r in runs[name, s]) / 1e6 for s in each]
        for (area, taps, step), taken, peak in zip(each, seconds, peaks, strict=True):
            case = f"apply by {name}: {area} Mpx, {taps}x{taps}, dilation {step}"
            first = {"first of the series": seconds[0] / taken}
            found.append(Measure(case, "seconds a megapixel", {"dilcli": taken}, first))
            found.append(Measure(case, "peak MB", {"dilcli": peak}))
    return found


def show_all(limits: dict[int, Limits], measures: list[Measure]) -> None:
    """Print the three tables."""
    rows = [[f"{n} threads", f"{x.bandwidth:.1f}", f"{x.products:.0f}"] for n, x in limits.items()]
    show("limits: best runs", ["", "copied GB/s, read + written", "float32 GFLOP/s"], rows)
    core = [m for m in measures if "products" in m.ratios]
    rows = [
        [m.case, f"{m.values['dilcli']:.0f}", *(f"{share:.2f}" for share in m.ratios.values())]
        for m in core
    ]
    show("in memory, 12 Mpx", ["", "Msamples/s", "of bandwidth", "of products"], rows)
    taken = [m for m in measures if m.quantity == "seconds a megapixel"]
    peaks = {m.case: m.values["dilcli"] for m in measures if m.quantity == "peak MB"}
    rows = [[m.case, f"{m.values['dilcli']:.4f}", f"{peaks[m.case]:.0f}"] for m in taken]
    show("whole commands, RGB TIFF, 8 bits", ["", "seconds a megapixel", "peak MB"], rows)


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def main() -> None:
    """Measure limits, the filter, and whole commands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=_numbers, default=[1, 4, 12, 25, 50, 100])
    parser.add_argument("--dilations", type=_numbers, default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--kernels", type=_numbers, default=[3, 5, 7, 11, 15, 31])
    parser.add_argument("--repeat", type=int, default=7, help="of what runs in memory")
    parser.add_argument("--rounds", type=int, default=3, help="of whole commands")
    add_options(parser, command=True)
    options = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        # BLAS reads it when it is loaded; the command sets it too, for its threads are its own.
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606
    options.dilcli = dilcli_command(options)
    packages = versions("dilcli", "numpy", "tifffile")
    console.print(f"{machine()}\n{packages}")
    limits = {n: measure_limits(n, options.repeat) for n in sorted({1, available_threads()})}
    measures = [
        Measure(f"limits, {n} threads", "billions a second", limit._asdict())
        for n, limit in limits.items()
    ]
    measures += in_memory(limits, options)
    with tempfile.TemporaryDirectory() as folder:
        measures += whole(options, Path(folder))
    show_all(limits, measures)
    write_report(options, packages, measures, __file__)


if __name__ == "__main__":
    main()
