"""A receptive field over the user's photograph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError
from dilcli.features.field_weights import MODEL, hold_limit, refuse_unseen, weights_in_box

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.files import Picture

__all__ = ["draw_over_image"]


def draw_over_image(
    result: ReceptiveField, index: int, cell: Sequence[int], picture: Picture, *, name: str
) -> NDArray[np.uint8]:
    """Draw what one output of a node sees, and how much each pixel weighs, over a picture.

    Parameters
    ----------
    result : ReceptiveField
        Of a network of two axes. Its input size, if it has one, is the picture's.
    index : int
        Of the node.
    cell : sequence of int
        Row and column of the output.
    picture : Picture
        Its first frame is the network's input, unscaled.
    name : str
        The title.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    ArgumentError
        If the network does not take such a picture, there is no such output, it sees nothing or
        the whole input, or its box is too large or on no whole pixels.
    LayerError
        If the network has no output for a picture of this size.
    """
    from dilcli.draw.field_over import over_figure
    from dilcli.features.preview import preview

    photo = preview(picture)
    size = (photo.shape[0], photo.shape[1])
    result = _fitted(result, size)
    spans = _spans(result, index, cell)
    first, last = ((spans[0][end], spans[1][end]) for end in (0, 1))
    shape = (last[0] - first[0] + 1, last[1] - first[1] + 1)
    heat = weights_in_box(result, index, (cell[0], cell[1]), first, shape)
    facts = [
        f"Output {cell[0]},{cell[1]} sees rows {first[0]} to {last[0]}, columns {first[1]} to "
        f"{last[1]}; the centre is at {(first[0] + last[0]) / 2:g},{(first[1] + last[1]) / 2:g}.",
        *_lost(heat, first, size),
        MODEL,
    ]
    return over_figure(photo, heat, first, title=name, facts=facts)


def _fitted(result: ReceptiveField, size: tuple[int, int]) -> ReceptiveField:
    """Take the picture's size for the input's."""
    from dilcli.core.receptive.fields import receptive_field

    if result.network.axes != 2:
        raise ArgumentError(f"a network of {result.network.axes} axes does not look at a picture")
    if result.input_size is None:
        return receptive_field(
            result.network, input_size=size, tconv_rule=result.tconv_rule, at=result.at
        )
    if result.input_size != size:
        height, width = result.input_size
        raise ArgumentError(
            f"the picture has {size[0]} x {size[1]} pixels, the input size is {height} x {width}; "
            "leave the input size out, or resize the picture"
        )
    return result


def _spans(result: ReceptiveField, index: int, cell: Sequence[int]) -> list[tuple[int, int]]:
    """Tell the first and last pixel that an output sees on each axis."""
    from dilcli.core.receptive.lookup import cell as look_up

    refuse_unseen(result, index)
    spans = [(int(first), int(last)) for first, last in look_up(result, cell, index).box]
    sizes = [last - first + 1 for first, last in spans]
    if min(sizes) < 1:
        raise ArgumentError(f"output {cell[0]},{cell[1]} sees nothing")
    hold_limit(sizes)
    return spans


def _lost(heat: NDArray[np.float64], first: tuple[int, int], size: tuple[int, int]) -> list[str]:
    """Say how much of a box lies outside the picture."""
    from dilcli.draw.captions import percent

    lost = []
    words = (("row", " above", " below"), ("column", " on the left", " on the right"))
    for at, length, n, (word, *sides) in zip(first, heat.shape, size, words, strict=True):
        ends = (min(max(-at, 0), length), min(max(at + length - n, 0), length))
        for end, side in zip(ends, sides, strict=True):
            lost += [f"{end} {word}{'s' if end > 1 else ''}{side}"] if end else []
    if not lost:
        return []
    rows, columns = (slice(max(-at, 0), max(n - at, 0)) for at, n in zip(first, size, strict=True))
    share = percent(1 - float(heat[rows, columns].sum()), 1)
    return [f"Outside the picture, in the padding: {', '.join(lost)}; {share} of the weight."]
