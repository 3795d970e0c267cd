"""The frames of an APNG, composed on its canvas.

Format: PNG Specification, third edition (W3C, 2025), section 11.3.2.2, the fcTL chunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dilcli.files.png_pixels import decode, layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dilcli.files.png_chunks import Control, Parts

__all__ = ["animation_layout", "composed"]

_CLEARED, _RESTORED = 1, 2


def _covers(parts: Parts, control: Control) -> bool:
    return (control.width, control.height) == parts.header[:2]


def _shows_canvas(parts: Parts) -> bool:
    """Say whether some frame leaves a part of the canvas empty, which is transparent."""
    empty = True
    for control, _ in parts.frames:
        before, empty = empty, empty and not _covers(parts, control)
        if empty:
            return True
        empty = control.dispose == _CLEARED or (control.dispose == _RESTORED and before)
    return False


def animation_layout(parts: Parts) -> tuple[int, str, bool]:
    """Return channels, dtype and alpha of the frames that :func:`composed` gives."""
    channels, dtype, alpha = layout(parts.header, parts.transparency)
    if not alpha and _shows_canvas(parts):
        return channels + 1, dtype, True
    return channels, dtype, alpha


def _over(canvas: NDArray[Any], frame: NDArray[Any]) -> NDArray[Any]:
    """Lay a frame with straight alpha over the canvas; exact where it is opaque or empty."""
    import numpy as np

    full = float(np.iinfo(frame.dtype).max)
    top, below = frame[..., -1:] / full, canvas[..., -1:] / full
    alpha = top + below * (1 - top)
    share = np.divide(top, alpha, out=np.ones_like(top), where=alpha > 0)
    colour = np.rint(frame[..., :-1] * share + canvas[..., :-1] * (1 - share))
    mixed = np.concatenate((colour, np.rint(alpha * full)), axis=-1).astype(frame.dtype)
    opaque, empty = frame[..., -1:] == full, frame[..., -1:] == 0
    return np.where(opaque, frame, np.where(empty, canvas, mixed))


def _frame(parts: Parts, control: Control, pieces: list[memoryview], channels: int) -> NDArray[Any]:
    import numpy as np

    head = parts.header._replace(width=control.width, height=control.height)
    frame = decode(head, parts.palette, parts.transparency, pieces)
    frame = frame.reshape(control.height, control.width, -1)
    if frame.shape[2] == channels:
        return frame
    opaque = np.full((*frame.shape[:2], 1), np.iinfo(frame.dtype).max, frame.dtype)
    return np.concatenate((frame, opaque), axis=2)


def composed(parts: Parts, last: int) -> Iterator[NDArray[Any]]:
    """Yield the canvas as each frame shows it, from the first frame to frame ``last``."""
    import numpy as np

    channels, dtype, alpha = animation_layout(parts)
    canvas = np.zeros((parts.header.height, parts.header.width, channels), dtype)
    for control, pieces in parts.frames[: last + 1]:
        frame = _frame(parts, control, pieces, channels)
        rows = slice(control.y, control.y + control.height)
        columns = slice(control.x, control.x + control.width)
        before = canvas[rows, columns].copy()
        canvas[rows, columns] = _over(before, frame) if control.blend and alpha else frame
        yield canvas[:, :, 0].copy() if channels == 1 else canvas.copy()
        if control.dispose == _CLEARED:
            canvas[rows, columns] = 0
        elif control.dispose == _RESTORED:
            canvas[rows, columns] = before
