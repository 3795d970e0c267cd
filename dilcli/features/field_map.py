"""Receptive fields as pictures: what one output sees, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.network import PICTURE
from dilcli.features.field_weights import MODEL, hold_limit, refuse_unseen, weights_in_box

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.receptive.fields import ReceptiveField

__all__ = ["draw_field_map", "map_bytes", "write_map"]


def draw_field_map(
    result: ReceptiveField, index: int, *, name: str, erf: bool = True
) -> NDArray[np.uint8]:
    """Draw the pixels that one output of a node sees, and how much each of them weighs.

    After upsampling it is the output with the largest receptive field. Of three axes the last two
    are drawn, summed over the first.

    Parameters
    ----------
    result : ReceptiveField
    index : int
        Of the node.
    name : str
        The title.
    erf : bool
        Colour pixels by their weights, else all alike.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    ArgumentError
        If the whole input is seen, or the box is too large or on no whole pixels.
    """
    import numpy as np

    from dilcli.core.receptive.holes import tap_rows
    from dilcli.draw.field_map import field_figure

    phases, width = _largest(result, index)
    first, rows = tap_rows(result, index)
    packed = b"".join(row.to_bytes(-(-width // 8), "little") for row in rows)
    bits = np.frombuffer(packed, np.uint8).reshape(len(rows), -1)
    taps = np.unpackbits(bits, axis=1, count=width, bitorder="little").astype(bool)
    heat = None
    if erf:
        heat = weights_in_box(result, index, phases, first, (len(rows), width))
    facts = [_facts(result, index, heat), *([MODEL] if erf else [])]
    return field_figure(taps, heat, title=name, facts=facts)


def map_bytes(pixels: NDArray[np.uint8], format_: str = "png") -> bytes:
    """Encode a drawn map.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, 3)
    format_ : str
        A name of `dilcli.files.FORMATS`.

    Raises
    ------
    ImageFileError
        If the format cannot hold it.
    """
    from dilcli.files import Picture, encode

    return encode(Picture((pixels,), alpha=False, format=format_), format_)


def write_map(pixels: NDArray[np.uint8], output: Path, *, overwrite: bool = False) -> None:
    """Write a drawn map to a file of the format that its extension names.

    Raises
    ------
    ImageFileError
        If no format that is written has this extension, or the file exists and is not to be
        overwritten.
    """
    from dilcli.files import format_for, write

    write(output, map_bytes(pixels, format_for(output)), overwrite=overwrite)


def _largest(result: ReceptiveField, index: int) -> tuple[tuple[int, int], int]:
    """Find the output with the largest field, rows first, and the width of its box."""
    refuse_unseen(result, index)
    phases, sizes = [0], [1]
    for axis in result.states[index].axes:
        widths = [int(sight.width) for sight in axis.sights]
        sizes.append(max(widths))
        phases.append(widths.index(sizes[-1]))
    hold_limit(sizes[-2:])
    return (phases[-2], phases[-1]), sizes[-1]


def _facts(result: ReceptiveField, index: int, heat: NDArray[np.float64] | None) -> str:
    from dilcli.draw.captions import percent
    from dilcli.draw.field_map import spread

    field = result.summary if index == PICTURE else result.rows[index].field
    facts = [
        f"receptive field {_sides(field.rf or ())}",
        f"effective stride {_sides(field.effective_stride)}",
    ]
    if field.coverage is not None:
        facts.append(f"coverage {percent(field.coverage.numerator, field.coverage.denominator)}")
    if heat is not None:
        sigmas = [f"{sigma:.2f}" for _, sigma in spread(heat)][-result.network.axes :]
        facts.append(f"sigma {_sides(sigmas)}")
    if field.rf_by_phase is not None:
        facts.append("of the output with the largest field, after upsampling")
    if result.network.axes > 2:
        facts.append("drawn without the first axis, over which it is summed")
    return " · ".join(facts)


def _sides(sizes: Sequence[object]) -> str:
    texts = list(map(str, sizes))
    return texts[0] if len(texts) == 1 else " x ".join(texts)
