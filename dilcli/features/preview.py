"""A picture of any kind as 8-bit red, green and blue, to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.files import Picture

__all__ = ["preview"]

_WHITE = (255, 255, 255)


def preview(picture: Picture) -> NDArray[np.uint8]:
    """Make 8-bit colours of a picture's first frame.

    Parameters
    ----------
    picture : Picture
        As `dilcli.files.read` gives it. Alpha is flattened onto white. Unsigned samples of 8 and
        16 bits are shares of their full scale, floats from 0 to 1 as well; any other samples are
        stretched from the least to the largest. Of more than three channels the first three are
        shown, of two the first.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)

    Raises
    ------
    ArgumentError
        If the frame has no rows and columns.
    """
    import numpy as np

    from dilcli.core.colour import flatten

    frame = picture.frames[0]
    if frame.ndim < 2:
        raise ArgumentError("a row of numbers is no picture; rows and columns are needed")
    associated = picture.metadata.associated_alpha
    if picture.alpha or associated:
        frame = flatten(frame, _WHITE, associated=associated)
    if frame.ndim == 3:
        frame = frame[..., :3] if frame.shape[2] >= 3 else frame[..., 0]
    shown = _eight_bits(frame)
    if shown.ndim == 2:
        shown = np.repeat(shown[..., None], 3, axis=2)
    return shown


def _eight_bits(samples: NDArray[Any]) -> NDArray[np.uint8]:
    import numpy as np

    if samples.dtype == np.uint8:
        return samples
    low, high = 0.0, 65535.0
    if samples.dtype != np.uint16:
        finite = samples[np.isfinite(samples)].astype(np.float64)
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if samples.dtype.kind in "fb" and low >= 0 and high <= 1:
            low, high = 0.0, 1.0
    scaled = (samples.astype(np.float64) - low) * (255 / ((high - low) or 1.0))
    whole: NDArray[np.uint8] = np.rint(np.nan_to_num(scaled, posinf=255).clip(0, 255)).astype(
        np.uint8
    )
    return whole
