"""What the machine could do at best: copying, and products of float32 matrices."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from running import interleaved

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Limits", "measure_limits"]

#: Far more than the caches hold, and a matrix that fits into those of one core.
COPIED, SIDE = 1 << 28, 512


class Limits(NamedTuple):
    """Bytes read and written, and multiplications and additions, in billions a second."""

    bandwidth: float
    products: float


def measure_limits(threads: int, repeat: int) -> Limits:
    """Measure the best of `repeat` runs on so many threads; BLAS has to keep to one thread each."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        raise SystemExit("OPENBLAS_NUM_THREADS has to be 1")
    source, target = np.ones(COPIED, np.uint8), np.ones(COPIED, np.uint8)
    parts = np.linspace(0, COPIED, threads + 1).astype(int)
    squares = np.random.default_rng(1).random((threads, SIDE, SIDE), np.float32)
    results = np.empty_like(squares)
    rounds = 20

    def copy(number: int) -> None:
        part = slice(parts[number], parts[number + 1])
        np.copyto(target[part], source[part])

    def multiply(number: int) -> None:
        for _ in range(rounds):
            np.matmul(squares[number], squares[number], out=results[number])

    with ThreadPoolExecutor(threads) as pool:

        def by_all(work: Callable[[int], None]) -> Callable[[], object]:
            return lambda: list(pool.map(work, range(threads)))

        sides = {"copy": by_all(copy), "multiply": by_all(multiply)}
        interleaved(sides, 1)
        seconds = {side: min(taken) for side, taken in interleaved(sides, repeat).items()}
    operations = 2 * SIDE**3 * rounds * threads
    return Limits(2 * COPIED / seconds["copy"] / 1e9, operations / seconds["multiply"] / 1e9)
