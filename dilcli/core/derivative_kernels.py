"""Weights of the classic integer masks that take derivatives. All of them sum to 0.

Signs are those of correlation: a first derivative answers positively where brightness rises to
the right (x) or downwards (y).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dilcli.core.smoothing_kernels import outer

if TYPE_CHECKING:
    from dilcli.core.kernel_text import Rows

__all__ = [
    "laplacian",
    "prewitt_x",
    "prewitt_y",
    "roberts",
    "scharr_x",
    "scharr_y",
    "sobel_x",
    "sobel_y",
]


def sobel_x(size: int) -> Rows:
    """Slope to the right: -1 0 1; -2 0 2; -1 0 1.

    A ramp gives 8. Size n is ``[1 1]`` convolved n - 1 times down, and n - 2 times and once
    ``[-1 1]`` across, as in OpenCV's ``getDerivKernels``.

    Source: Sobel & Feldman, A 3x3 isotropic gradient operator for image processing, 1968.
    """
    smooth = [float(math.comb(size - 1, i)) for i in range(size)]
    inner = [0, *(math.comb(size - 2, i) for i in range(size - 1)), 0]
    return outer(smooth, [float(inner[i] - inner[i + 1]) for i in range(size)])


def sobel_y(size: int) -> Rows:
    """Slope downwards: -1 -2 -1; 0 0 0; 1 2 1.

    A ramp gives 8. It is sobel-x transposed.

    Source: Sobel & Feldman, A 3x3 isotropic gradient operator for image processing, 1968.
    """
    return tuple(zip(*sobel_x(size), strict=True))


def scharr_x() -> Rows:
    """Slope to the right: -3 0 3; -10 0 10; -3 0 3.

    Truer to the angle than Sobel's; a ramp gives 32.

    Source: Scharr, Optimale Operatoren in der digitalen Bildverarbeitung, Heidelberg 2000.
    """
    return outer((3.0, 10.0, 3.0), (-1.0, 0.0, 1.0))


def scharr_y() -> Rows:
    """Slope downwards: -3 -10 -3; 0 0 0; 3 10 3.

    Truer to the angle than Sobel's; a ramp gives 32.

    Source: Scharr, Optimale Operatoren in der digitalen Bildverarbeitung, Heidelberg 2000.
    """
    return outer((-1.0, 0.0, 1.0), (3.0, 10.0, 3.0))


def prewitt_x() -> Rows:
    """Slope to the right: -1 0 1; -1 0 1; -1 0 1.

    A ramp gives 6.

    Source: Prewitt, Object enhancement and extraction, 1970.
    """
    return outer((1.0, 1.0, 1.0), (-1.0, 0.0, 1.0))


def prewitt_y() -> Rows:
    """Slope downwards: -1 -1 -1; 0 0 0; 1 1 1.

    A ramp gives 6.

    Source: Prewitt, Object enhancement and extraction, 1970.
    """
    return outer((-1.0, 0.0, 1.0), (1.0, 1.0, 1.0))


def roberts(diagonal: int) -> Rows:
    """Slope along a diagonal: -1 0; 0 1, or 0 1; -1 0.

    Diagonal 1 is the falling one, 2 the climbing one; both answer positively where brightness
    rises to the right. The size is even; the origin is the tap at the bottom right, as for every
    kernel (size // 2).

    Source: Roberts, Machine perception of three-dimensional solids, MIT 1963.
    """
    return ((-1.0, 0.0), (0.0, 1.0)) if diagonal == 1 else ((0.0, 1.0), (-1.0, 0.0))


def laplacian(neighbors: int) -> Rows:
    """Neighbours (4 or 8) minus the centre.

    ``0 1 0; 1 -4 1; 0 1 0`` gives 2 on a parabola x², ``1 1 1; 1 -8 1; 1 1 1`` gives 6.

    Source: Rosenfeld & Kak, Digital Picture Processing, 1976.
    """
    corner = float(neighbors == 8)
    edge = (corner, 1.0, corner)
    return (edge, (1.0, -float(neighbors), 1.0), edge)
