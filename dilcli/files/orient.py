"""The eight orientations of EXIF and TIFF tag 274, applied to arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["upright_array", "upright_shape"]


def upright_shape(shape: tuple[int, ...], orientation: int) -> tuple[int, ...]:
    """Return the shape after :func:`upright_array`."""
    return (shape[1], shape[0], *shape[2:]) if orientation >= 5 else shape


def upright_array(image: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn and mirror stored pixels so that they stand upright.

    Parameters
    ----------
    image
        ``(H, W)`` or ``(H, W, C)``, any dtype.
    orientation
        1 to 8 as in EXIF: 1 as stored, 2 mirrored, 3 half a turn, 4 upside down, 5 transposed,
        6 to be turned clockwise, 7 transposed over the other diagonal, 8 counter-clockwise.

    Returns
    -------
    ndarray
        ``(H, W, ...)``, or ``(W, H, ...)`` for 5 to 8; C-contiguous; orientation 1 is the input.
    """
    import numpy as np

    if orientation == 1:
        return image
    turned = image.swapaxes(0, 1) if orientation >= 5 else image
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    return np.ascontiguousarray(turned)
