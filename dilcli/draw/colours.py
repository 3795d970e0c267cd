"""The colours of figures, told apart by readers of any colour vision and in black and white."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BOX",
    "HOLE",
    "INK",
    "PAPER",
    "SOFT",
    "TAP",
    "Colour",
    "blend",
    "heat_colours",
    "signed_colours",
]

Colour = tuple[int, int, int]

PAPER: Colour = (255, 255, 255)
INK: Colour = (32, 33, 36)
#: Texts of second rank, ticks, thin lines.
SOFT: Colour = (95, 99, 104)
#: Pixels that are not seen.
HOLE: Colour = (238, 238, 238)
#: What is drawn about something: vermillion of Okabe and Ito, "Color Universal Design" (2002).
BOX: Colour = (213, 94, 0)

#: From light to dark in one hue: the 9-class Blues of Brewer and Harrower, colorbrewer2.org (2003),
#: safe for colour-blind readers. The two lightest are left out, being too near to paper.
_HEAT = np.array(
    [
        (198, 219, 239),
        (158, 202, 225),
        (107, 174, 214),
        (66, 146, 198),
        (33, 113, 181),
        (8, 81, 156),
        (8, 48, 107),
    ],
    np.float64,
)

#: From dark blue by mid-grey to light orange. Lightness (CIELAB's L*) rises evenly all the way, so
#: that signs are told apart without colours, and no eye takes blue for orange.
_SIGNED = np.array(
    [(0, 35, 87), (0, 83, 147), (128, 128, 128), (240, 163, 70), (255, 233, 172)],
    np.float64,
)

TAP: Colour = (33, 113, 181)


def heat_colours(values: ArrayLike) -> NDArray[np.uint8]:
    """Colour values from 0, light, to 1, dark.

    Parameters
    ----------
    values : array_like of float, any shape
        Values outside are drawn as the nearer end.

    Returns
    -------
    ndarray of uint8, shape (..., 3)
    """
    return _between(_HEAT, np.asarray(values, np.float64))


def signed_colours(values: ArrayLike) -> NDArray[np.uint8]:
    """Colour values from -1, dark blue, to 1, light orange; 0 is mid-grey.

    Parameters
    ----------
    values : array_like of float, any shape
        Values outside are drawn as the nearer end.

    Returns
    -------
    ndarray of uint8, shape (..., 3)
    """
    return _between(_SIGNED, (np.asarray(values, np.float64) + 1) / 2)


def _between(steps: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Take colours from a row of them, 0 for the first and 1 for the last."""
    at = np.clip(shares, 0, 1) * (len(steps) - 1)
    channels = [np.interp(at, np.arange(len(steps)), channel) for channel in steps.T]
    coloured: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return coloured


def blend(below: ArrayLike, above: ArrayLike, share: ArrayLike) -> NDArray[np.uint8]:
    """Lay one colour over another.

    Parameters
    ----------
    below, above : array_like of shape (..., 3)
        From 0 to 255.
    share : array_like of shape (...)
        How much of `above` is seen, from 0 to 1.

    Returns
    -------
    ndarray of uint8, shape (..., 3)
    """
    weight = np.asarray(share, np.float64)[..., None]
    ground: NDArray[Any] = np.asarray(below, np.float64)
    mixed: NDArray[np.uint8] = np.rint(ground + (np.asarray(above) - ground) * weight).astype(
        np.uint8
    )
    return mixed
