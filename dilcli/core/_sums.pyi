from typing import Any

from numpy.typing import NDArray

def sums(
    out: NDArray[Any],
    source: NDArray[Any],
    rows: NDArray[Any],
    first: int,
    left: NDArray[Any],
    right: NDArray[Any],
    fill: NDArray[Any],
    products: NDArray[Any],
    terms: NDArray[Any],
    weights: NDArray[Any],
    finish: tuple[bool, float, float, float, float, float, float] | None,
    streams: bool,
    /,
) -> int: ...
