"""Pictures treated frame by frame: what becomes of alpha of either kind, and of a background.

Colours that are multiplied with alpha already (associated alpha) are weighted right where all
channels are filtered alike, so that alpha is then a channel like the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.noise_found import NoiseFound
    from dilcli.core.treatment import Layout, Treatment
    from dilcli.files import Picture, RowPicture

__all__ = [
    "TreatedPicture",
    "frame_layout",
    "one_frame",
    "over_background",
    "picture_layout",
    "treat_picture",
    "treats_alpha",
]

Colour = tuple[int, int, int]


def frame_layout(
    shape: tuple[int, ...],
    dtype: str,
    recipe: Treatment,
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
    recipe : Treatment
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
    treated = treats_alpha(alpha, associated, recipe)
    layout = recipe.layout(shape, dtype, alpha=treated)
    if background is not None and (layout.alpha or (associated and not treated)):
        gray = layout.shape[2] == 2 and len(set(background)) == 1
        return layout._replace(shape=layout.shape[:2] + (() if gray else (3,)), alpha=False)
    return layout._replace(alpha=layout.alpha and not associated)


def picture_layout(
    picture: Picture | RowPicture, recipe: Treatment, background: Colour | None = None
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


class TreatedPicture(NamedTuple):
    """A picture that was treated.

    Attributes
    ----------
    picture : Picture
        The same as it was beside its samples.
    clipped : int
        How many samples were outside their range and were clipped.
    noise : tuple of NoiseFound
        What was found of noise, one a frame; none where it was not looked for.
    """

    picture: Picture
    clipped: int
    noise: tuple[NoiseFound, ...]


def treat_picture(
    picture: Picture,
    recipe: Treatment,
    background: Colour | None = None,
    *,
    threads: int | None = None,
) -> TreatedPicture:
    """Treat every frame of a picture.

    Parameters
    ----------
    picture : Picture
        As `dilcli.files.read` gives it.
    recipe : Treatment
        What is done.
    background : tuple of int, optional
        Red, green and blue from 0 to 255; alpha is flattened onto it.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    TreatedPicture
    """
    associated = picture.metadata.associated_alpha
    treated = treats_alpha(picture.alpha, associated, recipe)
    frames, noise, clipped, kept = [], [], 0, False
    for number, source in enumerate(picture.frames):
        frame = recipe.lay_out(source.shape, source.dtype, alpha=treated)
        made, settled = frame.whole(source.reshape(frame.shape), threads)
        samples, clipped = made.samples.reshape(frame.layout.shape), clipped + made.clipped
        if number == 0:
            kept = frame.layout.alpha or (associated and not treated)
        if background is not None and kept:
            samples = over_background(samples, background, source.dtype, associated=associated)
        frames.append(samples)
        noise.append(frame.noise(settled, made.kept))
    kept = kept and background is None
    made_of_it = replace(
        picture,
        frames=tuple(frames),
        alpha=kept and not associated,
        metadata=replace(picture.metadata, associated_alpha=kept and associated),
        notes=(),
    )
    return TreatedPicture(made_of_it, clipped, tuple(each for each in noise if each is not None))


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


def treats_alpha(alpha: bool, associated: bool, recipe: Treatment) -> bool:
    """Tell whether the last channel, alpha of either kind, is treated as alpha."""
    return alpha or (associated and not recipe.weighs_alpha)
