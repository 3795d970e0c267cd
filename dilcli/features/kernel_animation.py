"""A kernel that slides over a grid at several dilations, as an animated file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError, ImageFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["check_animation", "write_animation"]

Pair = tuple[int, int]

#: The formats that hold pictures, how long each is shown, and that all of them begin again.
_ANIMATED = ("gif", "png", "webp", "avif")
#: Beyond these, cells are too small to be looked at.
_LARGEST_SIDE, _LARGEST_FIELD, _MOST_PANELS = 15, 64, 6
#: Outputs on each side, which make inputs of 7 x 7 and 9 x 9 for the kernel of 3 x 3 at the
#: dilations 1 and 2, and outputs of a kernel of one row or column.
_OUTPUTS, _OUTPUTS_IN_LINE = 5, 9
#: Milliseconds of a picture, and of the last one before it begins again.
_STEP, _PAUSE = 300.0, 1500.0


def write_animation(
    path: Path,
    size: Pair = (3, 3),
    dilations: Sequence[Pair] = ((1, 1), (2, 2)),
    *,
    overwrite: bool = False,
) -> None:
    """Write an animation of a kernel that slides over an input, one panel for each dilation.

    It is played for ever, at about three outputs a second.

    Parameters
    ----------
    path : Path
        Its extension says the format: GIF, animated PNG, WebP or AVIF.
    size : (int, int), default (3, 3)
        Rows and columns of the kernel, up to 15 x 15.
    dilations : sequence of (int, int), default ((1, 1), (2, 2))
        Of rows and columns, one pair for each panel, up to six.
    overwrite : bool, default False
        Whether a file that exists is replaced.

    Raises
    ------
    ArgumentError
        If the kernel or a field of view is too large to be looked at, there are too many
        dilations, or something is below 1.
    ImageFileError
        If the extension is of no format that holds animations, or the file exists and is not to be
        overwritten.
    """
    check_animation(path, size, dilations)
    from dilcli.draw.animation import sliding_frames
    from dilcli.files import Metadata, Picture, encode, format_for, write

    frames = sliding_frames(size, dilations, _outputs(size))
    durations = (*[_STEP] * (len(frames) - 1), _PAUSE)
    format_ = format_for(path)
    picture = Picture(
        tuple(frames),
        alpha=False,
        format=format_,
        metadata=Metadata(durations=durations, loop=0),
    )
    write(path, encode(picture, format_), overwrite=overwrite)


def check_animation(path: Path, size: Pair, dilations: Sequence[Pair]) -> None:
    """Refuse what `write_animation` would, before any work; whether the file exists is not asked.

    Raises
    ------
    ArgumentError, ImageFileError
        As `write_animation`.
    """
    from dilcli.files import FORMATS, format_for

    format_ = format_for(path)
    if format_ not in _ANIMATED:
        known = " ".join(FORMATS[name].extensions[0] for name in _ANIMATED)
        title = FORMATS[format_].title
        raise ImageFileError(f"{path}: {title} holds no animation; use one of {known}")
    if not 1 <= len(dilations) <= _MOST_PANELS:
        raise ArgumentError(
            f"an animation shows 1 to {_MOST_PANELS} dilations, not {len(dilations)}"
        )
    if not 1 <= min(size) <= max(size) <= _LARGEST_SIDE:
        raise ArgumentError(
            f"kernel {_sides(size)}: an animation shows 1x1 to {_LARGEST_SIDE}x{_LARGEST_SIDE}"
        )
    for dilation in dilations:
        _check_field(size, dilation)


def _check_field(size: Pair, dilation: Pair) -> None:
    from dilcli.files import dilation_text

    name = f"dilation {dilation_text([dilation])}"
    if min(dilation) < 1:
        raise ArgumentError(f"{name}: must be 1 or more; 1 is dense")
    rows, columns = ((n - 1) * step + 1 for n, step in zip(size, dilation, strict=True))
    if max(rows, columns) > _LARGEST_FIELD:
        raise ArgumentError(
            f"{name}: a {_sides(size)} kernel has a field of view of {rows}x{columns}; "
            f"an animation shows up to {_LARGEST_FIELD}x{_LARGEST_FIELD}"
        )


def _outputs(size: Pair) -> Pair:
    """Choose rows and columns of outputs; across a line of taps there is nothing to show."""
    if size[0] == 1 < size[1]:
        return 1, _OUTPUTS_IN_LINE
    if size[1] == 1 < size[0]:
        return _OUTPUTS_IN_LINE, 1
    return _OUTPUTS, _OUTPUTS


def _sides(pair: Pair) -> str:
    return f"{pair[0]}x{pair[1]}"
