"""Pictures filtered frame by frame: what becomes of alpha of either kind, and of a background.

Colours that are multiplied with alpha already (associated alpha) are weighted right where all
channels are filtered alike, so that alpha is then a channel like the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.recipe import Layout, Recipe
    from dilcli.files import Picture, RowPicture

__all__ = [
    "filter_picture",
    "frame_layout",
    "one_frame",
    "over_background",
    "picture_layout",
    "treats_alpha",
]

Colour = tuple[int, int, int]


def frame_layout(
    shape: tuple[int, ...],
    dtype: str,
    recipe: Recipe,
    background: Colour | None = None,
    *,
    alpha: bool,
    associated: bool = False,
) -> Layout:
    """Say what will be written for a frame, before anything is computed.

    Parameters
    ----------
    shape : tuple of int
        (N,), (H, W) or (H, W, C).
    dtype : str
        Type of the samples.
    recipe : Recipe
        What is done.
    background : tuple of int, optional
        Red, green and blue from 0 to 255; alpha is flattened onto it.
    alpha, associated : bool
        Whether the last channel is straight alpha; whether it is associated alpha.

    Returns
    -------
    Layout
        With `alpha` for straight alpha only.

    Raises
    ------
    ArgumentError
        If the recipe has no meaning for such a frame.
    """
    from dilcli.core.recipe import output_layout

    treated = treats_alpha(alpha, associated, recipe)
    layout = output_layout(shape, dtype, recipe, alpha=treated)
    if background is not None and (layout.alpha or (associated and not treated)):
        gray = layout.shape[2] == 2 and len(set(background)) == 1
        return layout._replace(shape=layout.shape[:2] + (() if gray else (3,)), alpha=False)
    return layout._replace(alpha=layout.alpha and not associated)


def picture_layout(
    picture: Picture | RowPicture, recipe: Recipe, background: Colour | None = None
) -> Layout:
    """Say what will be written for each frame of a picture, by its first; see `frame_layout`."""
    return frame_layout(
        picture.frames[0].shape,
        picture.frames[0].dtype.name,
        recipe,
        background,
        alpha=picture.alpha,
        associated=picture.metadata.associated_alpha,
    )


def filter_picture(
    picture: Picture,
    recipe: Recipe,
    background: Colour | None = None,
    *,
    threads: int | None = None,
) -> tuple[Picture, int]:
    """Filter every frame of a picture.

    Parameters
    ----------
    picture : Picture
        As `dilcli.files.read` gives it.
    recipe : Recipe
        What is done.
    background : tuple of int, optional
        Red, green and blue from 0 to 255; alpha is flattened onto it.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    Picture
        The same beside its samples.
    int
        How many samples were outside their range and were clipped.
    """
    from dilcli.core.filtering import filter_frame

    associated = picture.metadata.associated_alpha
    treated = treats_alpha(picture.alpha, associated, recipe)
    filtered = [
        filter_frame(frame, recipe, alpha=treated, threads=threads) for frame in picture.frames
    ]
    frames = [frame.samples for frame in filtered]
    kept = filtered[0].alpha or (associated and not treated)
    if background is not None and kept:
        source = picture.frames[0].dtype
        frames = [over_background(f, background, source, associated=associated) for f in frames]
        kept = False
    made = replace(
        picture,
        frames=tuple(frames),
        alpha=kept and not associated,
        metadata=replace(picture.metadata, associated_alpha=kept and associated),
        notes=(),
    )
    return made, sum(frame.clipped for frame in filtered)


def over_background(
    samples: NDArray[Any], background: Colour, source: np.dtype[Any], *, associated: bool
) -> NDArray[Any]:
    """Flatten filtered samples onto a colour.

    Parameters
    ----------
    samples : ndarray of shape (H, W, C)
        The last channel is alpha.
    background : tuple of int
        Red, green and blue from 0 to 255.
    source : dtype
        Of the samples before they were filtered: integers that became floats kept their units.
    associated : bool
        Whether colours are multiplied with alpha.

    Returns
    -------
    ndarray of shape (H, W) or (H, W, 3)
    """
    from dilcli.core.colour import flatten, full_scale

    light = full_scale(source if samples.dtype.kind == "f" else samples.dtype)
    return flatten(samples, background, associated=associated, whole=light)


def one_frame(picture: Picture, place: int) -> Picture:
    """Make a still picture of one frame."""
    metadata = replace(picture.metadata, durations=(), loop=None)
    return replace(picture, frames=(picture.frames[place],), metadata=metadata)


def treats_alpha(alpha: bool, associated: bool, recipe: Recipe) -> bool:
    """Tell whether filtering takes the last channel, alpha of either kind, for alpha."""
    from dilcli.core.recipe import settled_alpha

    return alpha or (associated and settled_alpha(recipe) != "premultiply")
