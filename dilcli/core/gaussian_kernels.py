"""Weights of the kernels made from a sampled Gaussian. Sizes are (rows, columns).

Without a size a Gaussian ends at 4 sigma, ``2 * round(4 * sigma) + 1`` taps, which is SciPy's and
scikit-image's cut (``truncate=4``).

Signs are those of correlation: a first derivative answers positively where brightness rises to
the right (x) or downwards (y). Derivatives are scaled so that polynomials come out right: a ramp
x gives d/dx = 1, a parabola x² gives d²/dx² = 2, a saddle xy gives d²/dxdy = 1, exactly but for
rounding, whatever the sigma and the size. They sum to 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dilcli.core.smoothing_kernels import checked_size, outer
from dilcli.errors import KernelError

if TYPE_CHECKING:
    from dilcli.core.kernel_text import Rows

__all__ = [
    "difference_of_gaussians",
    "gabor",
    "gaussian",
    "gaussian_dx",
    "gaussian_dxx",
    "gaussian_dxy",
    "gaussian_dy",
    "gaussian_dyy",
    "laplacian_of_gaussian",
    "unsharp",
]

Size = tuple[int, int]
Sigma = tuple[float, float]

#: Where a sampled Gaussian ends, in sigmas.
_TRUNCATE = 4.0


def _radius(sigma: float) -> int:
    """Pixels from the centre to the last weight, ``round(4 * sigma)``, halves up."""
    return int(_TRUNCATE * sigma + 0.5)


def _smooth(sigma: float, size: int | None) -> tuple[float, ...]:
    """Sample a Gaussian about the middle of `size` places and scale it to sum 1."""
    size = size or 2 * _radius(sigma) + 1
    places = [n - (size - 1) / 2 for n in range(size)]
    # Relative to the innermost sample, so that a tiny sigma leaves something to divide by.
    inner = (min(abs(place) for place in places) / sigma) ** 2
    samples = [math.exp((inner - (place / sigma) ** 2) / 2) for place in places]
    total = math.fsum(samples)
    return tuple(sample / total for sample in samples)


def _derivative(sigma: float, size: int | None, order: int) -> tuple[float, ...]:
    """Sample i * exp(-i²/2σ²), or (i² - c) * exp(-i²/2σ²), scaled by the answer to i**order.

    c is σ² but for sampling and cutting: it is chosen so that the sum is 0.
    """
    size = size or 2 * max(1, _radius(sigma)) + 1
    if size <= order:
        raise KernelError(f"size {size} is too small for derivative {order}; use {order + 1}")
    places = [n - (size - 1) / 2 for n in range(size)]
    smooth = _smooth(sigma, size)
    spread = math.fsum(i * i * g for i, g in zip(places, smooth, strict=True))
    shape = [i if order == 1 else i * i - spread for i in places]
    weights = [s * g for s, g in zip(shape, smooth, strict=True)]
    moment = math.fsum(w * i**order for w, i in zip(weights, places, strict=True))
    if moment < 1e-200:
        raise KernelError(f"sigma {sigma:g} leaves no weight beside the middle; use a larger one")
    weights = [order * w / moment for w in weights]
    if size % 2:
        # The middle weight takes up the rounding of the others.
        weights[size // 2] = 0.0
        weights[size // 2] = -math.fsum(weights)
    return tuple(weights)


def _sizes(size: Size | None) -> tuple[int | None, int | None]:
    return size or (None, None)


def gaussian(sigma: Sigma, size: Size | None) -> Rows:
    """Gaussian blur.

    Weights exp(-y²/2σ² - x²/2σ²), sum 1. Without a size it equals
    ``scipy.ndimage.gaussian_filter`` with its default ``truncate=4``.

    Source: Marr & Hildreth, Theory of edge detection, Proc. R. Soc. B 207, 1980; SciPy's cut.
    """
    rows, columns = size or (None, None)
    return outer(_smooth(sigma[0], rows), _smooth(sigma[1], columns))


def gaussian_dx(sigma: Sigma, size: Size | None) -> Rows:
    """Gaussian slope to the right; a ramp gives 1.

    The derivative along x of the image blurred by a Gaussian.

    Source: Canny, A computational approach to edge detection, IEEE PAMI 8, 1986.
    """
    rows, columns = _sizes(size)
    return outer(_smooth(sigma[0], rows), _derivative(sigma[1], columns, 1))


def gaussian_dy(sigma: Sigma, size: Size | None) -> Rows:
    """Gaussian slope downwards; a ramp gives 1.

    The derivative along y of the image blurred by a Gaussian.

    Source: Canny, A computational approach to edge detection, IEEE PAMI 8, 1986.
    """
    rows, columns = _sizes(size)
    return outer(_derivative(sigma[0], rows, 1), _smooth(sigma[1], columns))


def gaussian_dxx(sigma: Sigma, size: Size | None) -> Rows:
    """Second Gaussian derivative across; x*x gives 2.

    The second derivative along x of the image blurred by a Gaussian.

    Source: Lindeberg, Scale-space theory in computer vision, Kluwer 1994.
    """
    rows, columns = _sizes(size)
    return outer(_smooth(sigma[0], rows), _derivative(sigma[1], columns, 2))


def gaussian_dyy(sigma: Sigma, size: Size | None) -> Rows:
    """Second Gaussian derivative down; y*y gives 2.

    The second derivative along y of the image blurred by a Gaussian.

    Source: Lindeberg, Scale-space theory in computer vision, Kluwer 1994.
    """
    rows, columns = _sizes(size)
    return outer(_derivative(sigma[0], rows, 2), _smooth(sigma[1], columns))


def gaussian_dxy(sigma: Sigma, size: Size | None) -> Rows:
    """Mixed Gaussian derivative; x*y gives 1.

    The derivative along x and y of the image blurred by a Gaussian.

    Source: Lindeberg, Scale-space theory in computer vision, Kluwer 1994.
    """
    rows, columns = _sizes(size)
    return outer(_derivative(sigma[0], rows, 1), _derivative(sigma[1], columns, 1))


def laplacian_of_gaussian(sigma: Sigma, size: Size | None) -> Rows:
    """Laplacian of Gaussian, negative on bright blobs.

    gaussian-dxx + gaussian-dyy: x² + y² gives 4. The cut is that of
    ``scipy.ndimage.gaussian_laplace``.

    Source: Marr & Hildreth, Theory of edge detection, Proc. R. Soc. B 207, 1980.
    """
    across, down = gaussian_dxx(sigma, size), gaussian_dyy(sigma, size)
    height, width = max(len(across), len(down)), max(len(across[0]), len(down[0]))
    if {(len(rows), len(rows[0])) for rows in (across, down)} != {(height, width)}:
        return laplacian_of_gaussian(sigma, (height, width))
    return tuple(
        tuple(a + b for a, b in zip(*rows, strict=True)) for rows in zip(across, down, strict=True)
    )


def difference_of_gaussians(sigma: Sigma, ratio: float, size: Size | None) -> Rows:
    """Difference of Gaussians, narrow minus wide.

    gaussian(sigma) - gaussian(ratio * sigma), a band pass, positive in the middle. Without a
    size it is as large as the wide one. At the ratio 1.6 it is close to -log, up to scale.

    Source: Marr & Hildreth, Theory of edge detection, Proc. R. Soc. B 207, 1980 (ratio 1.6).
    """
    wide = gaussian((sigma[0] * ratio, sigma[1] * ratio), size)
    narrow = gaussian(sigma, (len(wide), len(wide[0])))
    if narrow == wide:
        raise KernelError("both Gaussians are the same on so few taps; use a larger sigma or size")
    return tuple(
        tuple(a - b for a, b in zip(*rows, strict=True)) for rows in zip(narrow, wide, strict=True)
    )


def unsharp(sigma: Sigma, amount: float, size: Size | None) -> Rows:
    """Unsharp mask: image plus what a blur removes.

    (1 + amount) * identity - amount * gaussian(sigma); sum 1.

    Source: Gonzalez & Woods, Digital Image Processing, ch. 3 (unsharp masking, high boost).
    """
    blur = gaussian(sigma, size)
    if len(blur) % 2 == 0 or len(blur[0]) % 2 == 0:
        raise KernelError(f"size {len(blur)}x{len(blur[0])} has no middle tap; use odd sizes")
    middle = len(blur) // 2, len(blur[0]) // 2
    return tuple(
        tuple((1.0 + amount) * ((y, x) == middle) - amount * w for x, w in enumerate(row))
        for y, row in enumerate(blur)
    )


def gabor(
    *,
    wavelength: float,
    angle: float,
    sigma: float | None,
    aspect: float,
    phase: float,
    size: Size | None,
) -> Rows:
    """Gabor filter: a wave under a Gaussian.

    exp(-(u² + aspect² v²)/2σ²) * cos(2π u/wavelength + phase). u runs along the wave, which
    travels at `angle` degrees, counter-clockwise as seen on the screen (0: vertical stripes);
    v runs across. Phase 0 finds lines, -90 finds edges that rise along the wave. Without a sigma,
    σ = 0.56 * wavelength (one octave of bandwidth); without a size, 3σ to each side on the longer
    axis. The mean is taken out under the same Gaussian, so the sum is 0, and the positive weights
    are scaled to sum 1.

    Source: Daugman, JOSA A 2, 1985; Petkov & Kruizinga, Biol. Cybern. 76, 1997, for the words.
    """
    sigma = sigma or 0.56 * wavelength
    rows, columns = checked_size(
        *(size or (2 * math.ceil(3 * max(sigma, sigma / aspect)) + 1,) * 2)
    )
    cos, sin = (round(f(math.radians(angle)), 12) for f in (math.cos, math.sin))
    # Kept as a product of one factor along the wave and one across, so that an upright wave stays
    # separable to the last digit.
    along, across, wave = [], [], []
    for row in range(rows):
        for column in range(columns):
            x, y = column - (columns - 1) / 2, row - (rows - 1) / 2
            u, v = x * cos - y * sin, x * sin + y * cos
            along.append(math.exp(-u * u / (2 * sigma * sigma)))
            across.append(math.exp(-((aspect * v) ** 2) / (2 * sigma * sigma)))
            wave.append(math.cos(2 * math.pi * u / wavelength + math.radians(phase)))
    mean = math.fsum(map(math.prod, zip(along, across, wave, strict=True))) / math.fsum(
        map(math.prod, zip(along, across, strict=True))
    )
    along = [a * (w - mean) for a, w in zip(along, wave, strict=True)]
    bright = math.fsum(a * b for a, b in zip(along, across, strict=True) if a > 0)
    if bright < 1e-12:
        raise KernelError("the wave is flat on so few taps; use a larger size or sigma")
    scaled = [b * (a / bright) for a, b in zip(along, across, strict=True)]
    return tuple(tuple(scaled[at : at + columns]) for at in range(0, rows * columns, columns))
