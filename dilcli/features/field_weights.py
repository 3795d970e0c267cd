"""The weights of what one output sees, in the box that is drawn; what is too large to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.receptive.fields import ReceptiveField

__all__ = ["MODEL", "hold_limit", "refuse_unseen", "weights_in_box"]

#: Pixels in a box; a picture of more is not worth the memory.
_MAX_PIXELS = 2**24

#: Weights are modelled, not measured: every reader is told how.
MODEL = "Colour: effective receptive field, uniform weights, max-pooling as a mean."


def refuse_unseen(result: ReceptiveField, index: int) -> None:
    """Refuse a node whose outputs see no pixels that can be drawn.

    Raises
    ------
    ArgumentError
        If they see the whole input, or boxes of no whole pixels.
    """
    if result.states[index].whole or not result.states[index].axes:
        raise ArgumentError(
            "the whole input is seen: there is no box to draw; choose an earlier layer"
        )
    if result.tconv_rule == "paper":
        raise ArgumentError(
            "under the papers' rule for transposed convolutions boxes are no whole pixels; "
            "draw under the exact rule"
        )


def hold_limit(sizes: Sequence[int]) -> None:
    """Refuse a box of this height and width if it is too large to draw.

    Raises
    ------
    ArgumentError
        If it has more than 16 million pixels.
    """
    if sizes[0] * sizes[1] > _MAX_PIXELS:
        raise ArgumentError(
            f"a receptive field of {sizes[0]} x {sizes[1]} pixels is too large to draw "
            f"(at most {_MAX_PIXELS} pixels, such as 4096 x 4096)"
        )


def weights_in_box(
    result: ReceptiveField,
    index: int,
    output: tuple[int, int],
    first: tuple[int, int],
    shape: tuple[int, int],
) -> NDArray[np.float64]:
    """Weigh every pixel in the box of an output.

    Parameters
    ----------
    result, index, output
        As in `dilcli.core.field_heat.field_heat`.
    first, shape : (int, int)
        The first pixel of the box, and its size, rows first.

    Returns
    -------
    ndarray of float64, of that shape
    """
    import numpy as np

    from dilcli.core.field_heat import field_heat

    (row, column), weights = field_heat(result, index, output)
    box = np.zeros(shape)
    top, left = row - first[0], column - first[1]
    box[top : top + weights.shape[0], left : left + weights.shape[1]] = weights
    return box
