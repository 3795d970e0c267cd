"""Measure the numbers by which the engine chooses a method and the height of its strips.

Prints (1) what the steps of a sum cost in nanoseconds a sample, for the table
of costs in ``dilcli/core/stencil.py``; (2) the speed of every method that can compute a kernel,
with the engine's own choice marked; (3) with ``--strips`` the speed over the bytes a strip aims
at, for the constants in ``dilcli/core/strips.py``.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
from harness import Measure, add_options, machine, measured, versions, write_report
from running import interleaved

from dilcli.core import strips
from dilcli.core.correlate import correlate_by
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.stencil import Costs, cost_of, methods_for, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dilcli.core.stencil import Method

NAMED = [
    "sobel-y",
    "roberts",
    "laplacian:8",
    "box:5",
    "box:15",
    "gaussian:sigma=1",
    "gaussian:sigma=2",
    "gaussian:sigma=5",
    "motion:15",
    "disk:3",
    "disk:7",
]
DENSE = [2, 3, 5, 7, 11, 15, 21, 31, 45, 63]
#: Weights of the largest kernel that the costs are fitted to, and that is summed tap by tap.
LARGEST = 15 * 15


def dense(size: int) -> Kernel:
    """Make a random kernel of full rank."""
    table = np.random.default_rng(size).normal(size=(size, size))
    return Kernel(tuple(map(tuple, table.tolist())), name=f"dense {size}x{size}")


def costs(dtype: np.dtype[np.floating], repeat: int) -> Costs:
    """Fit the costs to the times that one thread takes by every method, reading and writing apart.

    What a method costs is a sum of counts times costs: a count is what it costs where one of the
    costs is 1 and the others are 0.
    """
    image = np.random.default_rng(0).random((1000, 2000)).astype(dtype)
    out = np.empty_like(image)
    counts: list[list[float]] = []
    sides: dict[str, Callable[[], object]] = {}
    fitted = Costs._fields.index("transform")
    units = [Costs._make(row) for row in np.eye(len(Costs._fields)).tolist()[:fitted]]
    for kernel in [*map(parse_kernel, NAMED), *map(dense, DENSE)]:
        weights = np.array(kernel.weights)
        if weights.size > LARGEST:
            continue
        for method, sums in methods_for(weights, halves(kernel)).items():

            def run(kernel: Kernel = kernel, method: Method = method) -> object:
                return correlate_by(method, image, kernel, dilation=4, out=out, threads=1)

            sides[f"{len(sides)} {method}"] = run
            counts.append([1.0, *(cost_of(sums, dtype, unit) for unit in units)])
    taken = interleaved(sides, repeat)
    cost = np.array([1e9 * min(seconds) / image.size for seconds in taken.values()])
    table = np.array(counts)
    # Relative errors count: a choice between cheap methods matters as one between dear ones.
    (_, *found), *_ = np.linalg.lstsq(table / cost[:, np.newaxis], np.ones(len(cost)), rcond=None)
    return Costs._make([*map(float, found), *transforms(dtype, repeat)])


def halves(kernel: Kernel) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Give the column and the row that a kernel is the product of."""
    factors = kernel.factors()
    return None if factors is None else (np.array(factors[0]), np.array(factors[1]))


def transforms(dtype: np.dtype[np.floating], repeat: int) -> tuple[float, float]:
    """Measure Fourier transforms: without a kernel, and for each row and column of one."""
    image = np.random.default_rng(0).integers(0, 256, (1000, 2000)).astype(dtype)
    out = np.empty_like(image)
    sizes = 21, 63

    def run(size: int) -> Callable[[], object]:
        kernel = dense(size)
        return lambda: correlate_by("fourier", image, kernel, dilation=4, out=out, threads=1)

    taken = interleaved({str(size): run(size) for size in sizes}, repeat)
    short, long = (1e9 * min(taken[str(size)]) / image.size for size in sizes)
    rim = (long - short) / 2 / (sizes[1] - sizes[0])
    return short - 2 * sizes[0] * rim, rim


def print_methods(size: tuple[int, int], dilation: int, repeat: int) -> list[Measure]:
    """Measure every method on kernels from small to large; ratios are of the engine's choice."""
    image = np.random.default_rng(1).random(size, np.float32)
    out = np.empty_like(image)
    print(f"\nmillion samples a second, float32 {size[0]}x{size[1]}, dilation {dilation};")
    print("* is the choice for samples that are integers of at most 16 bits")
    found = []
    for kernel in [*map(parse_kernel, NAMED), *map(dense, DENSE)]:
        weights = np.array(kernel.weights)
        chosen = place(kernel, width=size[1], dtype=image.dtype, bounded=True).method

        def run(method: Method, kernel: Kernel = kernel) -> Callable[[], object]:
            return lambda: correlate_by(method, image, kernel, dilation=dilation, out=out)

        methods: list[Method] = [*methods_for(weights, halves(kernel)), "fourier"]
        if weights.size > LARGEST:
            methods.remove("direct")
        sides: dict[str, Callable[[], object]] = {method: run(method) for method in methods}
        seconds = interleaved(sides, repeat)
        speeds = {side: image.size / 1e6 / min(taken) for side, taken in seconds.items()}
        shown = (f"{'*' if m == chosen else ' '}{m} {speed:5.0f}" for m, speed in speeds.items())
        rows, columns = kernel.shape
        case = f"{kernel.name} {rows}x{columns}, dilation {dilation}"
        found.append(
            measured(case, "million samples a second", speeds, ours=chosen, more=True)
            if chosen in speeds
            else Measure(case, "million samples a second", speeds)
        )
        print(f"  {kernel.name:<12} {rows:>2}x{columns:<2} {'  '.join(shown)}")
    return found


def print_strips(size: tuple[int, int], repeat: int) -> None:
    """Measure the bytes of scratch that a strip aims at."""
    image = np.random.default_rng(1).random(size, np.float32)
    out = np.empty_like(image)
    kept = strips.STRIP_BYTES
    print("\nmillion samples a second by kernel over the bytes of a strip")
    for kernel in (dense(3), dense(7), dense(15), parse_kernel("gaussian:sigma=2")):

        def run(target: int, kernel: Kernel = kernel) -> Callable[[], object]:
            def timed() -> object:
                strips.STRIP_BYTES = target
                return correlate_by(None, image, kernel, dilation=4, out=out)

            return timed

        sides = {f"{1 << shift} KiB": run(1024 << shift) for shift in range(8, 15)}
        seconds = interleaved(sides, repeat)
        speeds = (f"{side} {image.size / 1e6 / min(s):.0f}" for side, s in seconds.items())
        print(f"  {kernel.name:<12} {', '.join(speeds)}")
    strips.STRIP_BYTES = kept


def main() -> None:
    """Print the costs, the methods and, if asked for, the strips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="3000x4000", metavar="HxW")
    parser.add_argument("--dilation", type=int, default=4)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--strips", action="store_true")
    add_options(parser)
    options = parser.parse_args()
    height, width = map(int, options.size.split("x"))
    packages = versions("dilcli", "numpy")
    print(f"{machine()}\n{packages}")
    print("\nnanoseconds a sample, one thread, best of many")
    for name in ("float32", "float64"):
        found = costs(np.dtype(name), options.repeat)._asdict()
        print(f"  {name}: {', '.join(f'{key} {value:.3f}' for key, value in found.items())}")
    measures = print_methods((height, width), options.dilation, options.repeat)
    if options.strips:
        print_strips((height, width), options.repeat)
    write_report(options, packages, measures, __file__)


if __name__ == "__main__":
    main()
