"""The same filter as G'MIC's correlate or convolve, whose eighteen numbers have no names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.boundary import NUMPY_PAD_MODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dilcli.features.equivalents import Plan

__all__ = ["MAX_PRINTED", "MAX_TABLE", "gmic_lines"]

Pair = tuple[int, int]

#: Separable tables above this many weights are written as an outer product.
MAX_TABLE = 9

#: Other tables above this many are not written out.
MAX_PRINTED = 1024

_KERNEL_FILE = "kernel.dlm"

#: G'MIC has no whole-sample mirror.
_BOUNDARIES = {"constant": 0, "nearest": 1, "wrap": 2, "reflect": 3}


def gmic_lines(plan: Plan, version: int) -> Iterable[str]:
    """Write the filter down as shell lines that turn in.png into out.tif, all channels alike.

    Parameters
    ----------
    plan : Plan
    version : {2, 3}
        2 is the G'MIC 2.9 of Debian 12, whose numbers stand in another order. Tried with 2.9.4 and
        3.6.3; G'MIC computes in float32.

    Yields
    ------
    str
    """
    boundary = _BOUNDARIES.get(plan.boundary)
    source = "in.png"
    if boundary is None:
        source = "padded.tif"
        boundary = _BOUNDARIES["nearest"]
        margins = [*plan.padding(), (0, 0)]
        yield "python3 -c 'import imageio.v3 as io, numpy as np"
        yield 'x = io.imread("in.png").astype("float32")'
        yield f'p = np.pad(x, {margins}[:x.ndim], mode="{NUMPY_PAD_MODES[plan.boundary]}")'
        yield """io.imwrite("padded.tif", p, plugin="tifffile")'"""
    kernel = _kernel(plan)
    if kernel == [_KERNEL_FILE]:
        yield f"# {_KERNEL_FILE} holds the weights, made in Python (w as above) by"
        yield f'# np.savetxt("{_KERNEL_FILE}", np.pad(w, {_margins(plan)}), delimiter=",")'
    yield " ".join(
        [
            f"gmic {source}",
            *kernel,
            *_filter(plan, boundary, version),
            *_cut(plan),
            f"output out.tif,{'float32' if version == 3 else 'float'}",
        ]
    )


def _reaches(plan: Plan) -> Pair:
    """Give the middle of a table that has its origin there.

    G'MIC takes a centre of one's own, but forgets it for small kernels on the boundary nearest;
    and there it reads tables of 3 x 5 wrongly, so up to 5 x 5 they are made square.
    """
    y, x = (max(o, k - 1 - o) for o, k in zip(plan.origin, plan.kernel.shape, strict=True))
    return (max(y, x),) * 2 if max(y, x) <= 2 else (y, x)


def _margins(plan: Plan) -> tuple[Pair, ...]:
    """Count the zeros around the table that bring the origin into the middle."""
    return tuple(
        (reach - o, reach - (k - 1 - o))
        for reach, o, k in zip(_reaches(plan), plan.origin, plan.kernel.shape, strict=True)
    )


def _kernel(plan: Plan) -> list[str]:
    """Write the weights with zeros around them, so that the origin is in the middle."""
    reach_y, reach_x = _reaches(plan)
    (top, _), (left, _) = _margins(plan)
    factors = plan.kernel.factors()
    rows, columns = plan.kernel.shape
    if factors and rows * columns > MAX_TABLE:
        column, row = (
            _centred(factor, before, 2 * reach + 1)
            for factor, before, reach in zip(factors, (top, left), (reach_y, reach_x), strict=True)
        )
        return [f"'({';'.join(column)})' '({','.join(row)})' mmul[1,2]"]
    if rows * columns > MAX_PRINTED:
        return [_KERNEL_FILE]
    width = 2 * reach_x + 1
    table = [["0"] * width for _ in range(2 * reach_y + 1)]
    for y, weights in enumerate(plan.kernel.weights):
        table[top + y] = _centred(weights, left, width)
    return ["'(" + ";".join(map(",".join, table)) + ")'"]


def _centred(weights: Iterable[float], before: int, width: int) -> list[str]:
    texts = [f"{weight:.9g}" for weight in weights]
    return ["0"] * before + texts + ["0"] * (width - before - len(texts))


def _filter(plan: Plan, boundary: int, version: int) -> list[str]:
    centre = _reaches(plan)
    name = "convolve" if plan.convolve else "correlate"
    # G'MIC 2.9 has a start and an end (x, y, z) before the strides, later versions have not.
    window = [] if version == 3 else [0, 0, 0, "{0,w-1}", "{0,h-1}", 0]
    numbers = [
        "[1]", boundary, 0, 1, centre[1], centre[0], 0, *window, 1, 1, 1,
        plan.dilation[1], plan.dilation[0], 1,
    ]  # fmt: skip
    filtering = [f"{name}[0] '{','.join(map(str, numbers))}'", "keep[0]"]
    bias = plan.bias
    if plan.boundary == "constant" and plan.fill:
        # Its constant is always 0, so the fill becomes 0 and comes back with the sum of weights.
        filtering.insert(0, f"sub[0] {plan.fill:.9g}")
        bias += plan.fill * plan.kernel.total
    if bias:
        filtering.append(f"add {bias:.9g}")
    return filtering


def _cut(plan: Plan) -> list[str]:
    """Take off the padding of `numpy.pad`, and every sample that the stride leaves out."""
    cut = []
    if plan.boundary not in _BOUNDARIES:
        (up, down), (left, right) = plan.padding()
        cut.append(f"crop {left},{up},'{{w-{right + 1}}}','{{h-{down + 1}}}'")
    if plan.stride != (1, 1):
        y, x = plan.stride
        cut.append(f"'{{ceil(w/{x})}},{{ceil(h/{y})}},1,{{s}},i(#0,x*{x},y*{y},0,c)' keep[1]")
    return cut
