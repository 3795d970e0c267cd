"""The same filter in SciPy, PyTorch and G'MIC, as lines to paste.

The Python lines take one channel `x` of shape (H, W) and give `y`. A tap stands at
``(j - origin) * dilation`` here; the peers centre even and off-centre kernels elsewhere, so each
line says where the centre is in the peer's own way.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.boundary import NUMPY_PAD_MODES
from dilcli.errors import ArgumentError
from dilcli.features.gmic_lines import MAX_PRINTED, MAX_TABLE, gmic_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel

__all__ = ["Equivalent", "Plan", "equivalents"]

Pair = tuple[int, int]

#: PyTorch's own padding has no half-sample mirror, and its others stop at the image's length.
_TORCH_PAD_MODES = {"nearest": "replicate", "constant": "constant"}


class Equivalent(NamedTuple):
    """Another tool and the code, in lines, that gives the same pixels there."""

    peer: str
    lines: tuple[str, ...]


class Plan(NamedTuple):
    """Everything that decides a filter's result; pairs are (rows, columns)."""

    kernel: Kernel
    dilation: Pair
    origin: Pair
    convolve: bool
    boundary: Boundary
    fill: float
    stride: Pair
    bias: float

    def padding(self) -> tuple[Pair, Pair]:
        """Margins that the whole table needs, its zero weights too: (up, down), (left, right)."""
        before = [o * d for o, d in zip(self.origin, self.dilation, strict=True)]
        after = [
            (k - 1 - o) * d
            for k, o, d in zip(self.kernel.shape, self.origin, self.dilation, strict=True)
        ]
        if self.convolve:
            before, after = after, before
        return (before[0], after[0]), (before[1], after[1])


def equivalents(plan: Plan) -> tuple[Equivalent, ...]:
    """Write the filter down for every peer.

    Raises
    ------
    ArgumentError
        For a stride below 1.
    """
    if min(plan.stride) < 1:
        raise ArgumentError(f"stride must be at least 1, got {min(plan.stride)}")
    return (
        Equivalent("SciPy", tuple(_scipy(plan))),
        Equivalent("PyTorch", tuple(_torch(plan))),
        Equivalent("G'MIC 3", tuple(gmic_lines(plan, version=3))),
        Equivalent("G'MIC 2.9", tuple(gmic_lines(plan, version=2))),
    )


def _scipy(plan: Plan) -> Iterable[str]:
    rows, columns = plan.kernel.effective_size(plan.dilation)
    yield "import numpy as np"
    yield "from scipy import ndimage"
    yield from _weights(plan.kernel)
    if (rows, columns) != plan.kernel.shape:
        yield f"k = np.zeros(({rows}, {columns}))  # with holes"
        yield f"k[::{plan.dilation[0]}, ::{plan.dilation[1]}] = w"
    else:
        yield "k = w"
    # ndimage counts its origin from the middle of the table with holes, size // 2.
    shift = tuple(
        o * d - size // 2
        for o, d, size in zip(plan.origin, plan.dilation, (rows, columns), strict=True)
    )
    name = "convolve" if plan.convolve else "correlate"
    options = f'mode="{plan.boundary}"'
    if plan.boundary == "constant":
        options += f", cval={plan.fill!r}"
    if any(shift):
        options += f", origin={shift}"
    if plan.boundary == "reflect":
        yield "# right while no side of the image is shorter than a quarter of the reach"
    yield f"y = ndimage.{name}(x.astype(float), k, {options}){_steps(plan)}{_bias(plan)}"


def _torch(plan: Plan) -> Iterable[str]:
    (up, down), (left, right) = plan.padding()
    yield "import numpy as np"
    yield "import torch"
    yield "from torch.nn import functional"
    yield from _weights(plan.kernel)
    if plan.convolve:
        yield "w = w[::-1, ::-1].copy()"
    mode = _TORCH_PAD_MODES.get(plan.boundary)
    if mode is None:
        yield f"margins = (({up}, {down}), ({left}, {right}))"
        yield f'p = np.pad(x.astype(float), margins, mode="{NUMPY_PAD_MODES[plan.boundary]}")'
        yield "p = torch.from_numpy(p)[None, None]"
    else:
        yield "p = torch.from_numpy(x.astype(float))[None, None]"
        value = f", value={plan.fill!r}" if mode == "constant" else ""
        margins = f"({left}, {right}, {up}, {down})"
        yield f'p = functional.pad(p, {margins}, mode="{mode}"{value})'
    options = f"dilation={plan.dilation}"
    if plan.stride != (1, 1):
        options += f", stride={plan.stride}"
    yield "w = torch.from_numpy(w)[None, None]"
    yield f"y = functional.conv2d(p, w, {options})[0, 0].numpy(){_bias(plan)}"


def _weights(kernel: Kernel) -> list[str]:
    """Define `w`, as an outer product where that is shorter."""
    factors = kernel.factors()
    rows, columns = kernel.shape
    if factors and rows > 1 and columns > 1 and rows * columns > MAX_TABLE:
        column, row = factors
        return [*_listed("w = np.outer([", [column], "],"), *_listed("             [", [row], "])")]
    if rows * columns > MAX_PRINTED:
        return [f"w = np.array(kernel.weights)  # {rows} x {columns}, from dilcli.parse_kernel"]
    return _listed("w = np.array([[", kernel.weights, "]])")


def _listed(opening: str, rows: Iterable[Iterable[float]], closing: str) -> list[str]:
    """Write rows of numbers, each on a line of its own, folded at 78 characters."""
    indent = " " * (len(opening) - 1)
    texts = [", ".join(map(repr, row)) for row in rows]
    starts = [opening, *[f"{indent}["] * (len(texts) - 1)]
    ends = [*["],"] * (len(texts) - 1), closing]
    return [
        line
        for start, text, end in zip(starts, texts, ends, strict=True)
        for line in textwrap.wrap(start + text + end, 78, subsequent_indent=indent + " ")
    ]


def _steps(plan: Plan) -> str:
    return "" if plan.stride == (1, 1) else f"[::{plan.stride[0]}, ::{plan.stride[1]}]"


def _bias(plan: Plan) -> str:
    return f" + {plan.bias!r}" if plan.bias else ""
