"""Measure the numbers by which the engine chooses a method and the height of its strips.

Prints (1) what a pass, a product and a vector product cost in nanoseconds a sample, for the table
of costs in ``dilcli/core/stencil.py``; (2) the speed of every method that can compute a kernel,
with the engine's own choice marked; (3) with ``--strips`` the speed over the bytes a strip aims
at, for the constants in ``dilcli/core/strips.py``.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
from measure import interleaved, machine, versions

from dilcli.core import strips
from dilcli.core.correlate import correlate_by
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.stencil import methods_for, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dilcli.core.stencil import Method

NAMED = ["sobel-y", "box:5", "binomial:5", "gaussian:sigma=1", "gaussian:sigma=2", "laplacian:8"]
DENSE = [2, 3, 4, 5, 7, 9, 11, 15]
ROWS, WIDTH, TAPS = 32, 4096, 7


def dense(size: int) -> Kernel:
    """Make a random kernel of full rank."""
    table = np.random.default_rng(size).normal(size=(size, size))
    return Kernel(tuple(map(tuple, table.tolist())), name=f"dense {size}x{size}")


def print_costs(repeat: int) -> None:
    """Measure one thread on one strip that fits into a core's cache."""
    print("\nnanoseconds a sample, one thread, best of many")
    for name in ("float32", "float64"):
        rows = np.random.default_rng(0).random((ROWS, TAPS, WIDTH)).astype(name)
        products = np.ones((TAPS, TAPS), name)
        sums, total = np.empty_like(rows), np.empty((ROWS, WIDTH), name)
        single = np.empty((ROWS, 1, WIDTH), name)

        def add(rows: NDArray[np.floating] = rows, total: NDArray[np.floating] = total) -> object:
            return np.add(rows[:, 0], rows[:, 1], out=total)

        def product(
            a: NDArray[np.floating] = products,
            rows: NDArray[np.floating] = rows,
            out: NDArray[np.floating] = sums,
        ) -> object:
            return np.matmul(a, rows, out=out)

        def vector(
            a: NDArray[np.floating] = products[:1],
            rows: NDArray[np.floating] = rows,
            out: NDArray[np.floating] = single,
        ) -> object:
            return np.matmul(a, rows, out=out)

        sides: dict[str, Callable[[], object]] = {"pass": add, "product": product, "vector": vector}
        work = {"pass": 1, "product": TAPS * TAPS, "vector": TAPS}
        seconds = interleaved(sides, 20 * repeat)
        costs = [
            f"{side} {1e9 * min(seconds[side]) / total.size / work[side]:.3f}" for side in sides
        ]
        print(f"  {name}: {', '.join(costs)} (products a multiply-add)")


def print_methods(size: tuple[int, int], dilation: int, repeat: int) -> None:
    """Measure every method on kernels from small to large."""
    image = np.random.default_rng(1).random(size, np.float32)
    out = np.empty_like(image)
    print(f"\nmillion samples a second, float32 {size[0]}x{size[1]}, dilation {dilation}")
    for kernel in [*map(parse_kernel, NAMED), *map(dense, DENSE)]:
        weights = np.array(kernel.weights)
        factors = kernel.factors()
        halves = None if factors is None else (np.array(factors[0]), np.array(factors[1]))
        chosen = place(kernel, width=size[1], dtype=image.dtype).method

        def run(method: Method, kernel: Kernel = kernel) -> Callable[[], object]:
            return lambda: correlate_by(method, image, kernel, dilation=dilation, out=out)

        methods = methods_for(weights, halves)
        sides: dict[str, Callable[[], object]] = {method: run(method) for method in methods}
        seconds = interleaved(sides, repeat)
        speeds = {side: image.size / 1e6 / min(taken) for side, taken in seconds.items()}
        shown = (f"{'*' if m == chosen else ' '}{m} {speed:5.0f}" for m, speed in speeds.items())
        rows, columns = kernel.shape
        print(f"  {kernel.name:<12} {rows:>2}x{columns:<2} {'  '.join(shown)}")


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
    options = parser.parse_args()
    height, width = map(int, options.size.split("x"))
    print(machine())
    print(versions("dilcli", "numpy"))
    print_costs(options.repeat)
    print_methods((height, width), options.dilation, options.repeat)
    if options.strips:
        print_strips((height, width), options.repeat)


if __name__ == "__main__":
    main()
