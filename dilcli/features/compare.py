"""Dilated filtering beside downsample, filter, upsample, on a picture: read once, run per rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import ArgumentError
from dilcli.features.prefilter import prefilter_kernel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.comparison import Comparison, Setup
    from dilcli.files import Picture

    Keep = Callable[[str, NDArray[np.floating]], None]

__all__ = ["CHANNELS", "Run", "Subject", "compare_at", "read_subject", "subject_of"]

Pair = tuple[int, int]

CHANNELS = ("luma", "all")

#: Rows that are turned into real numbers together.
_ROWS = 256
#: Below so many pixels on a side there is no structural similarity.
_SSIM_SIDE = 7


class Subject(NamedTuple):
    """A picture as it is compared.

    Attributes
    ----------
    name : str
        Of the file, ``-`` for standard input.
    picture : Picture
        As it was read, to be shown.
    pixels : ndarray of float, shape (H, W, C)
        What is filtered: luma, or all colour channels without alpha, in the picture's units.
    channels : {"luma", "all"}
    is_row : bool
        Whether it is a row of samples, which has no rows to dilate over.
    notes : tuple of str
        What is not compared, or not measured.
    """

    name: str
    picture: Picture
    pixels: NDArray[np.floating]
    channels: str
    is_row: bool
    notes: tuple[str, ...]


class Run(NamedTuple):
    """A comparison and what it is of.

    Attributes
    ----------
    input, channels, prefilter : str
    size : (int, int)
        Rows and columns of the picture.
    setup : Setup
    comparison : Comparison
    """

    input: str
    channels: str
    prefilter: str
    size: Pair
    setup: Setup
    comparison: Comparison


def read_subject(source: Path | bytes, name: str, channels: str = "luma") -> Subject:
    """Read the first frame of a picture file.

    Parameters
    ----------
    source : Path or bytes
    name : str
        Said in messages.
    channels : {"luma", "all"}

    Raises
    ------
    ImageFileError
        If the file cannot be read.
    ArgumentError
        As `subject_of`.
    """
    from dilcli import files

    frames = files.inspect(source, name=name).frames
    subject = subject_of(files.read(source, frames=(0,), name=name), name, channels)
    if frames > 1:
        subject = subject._replace(
            notes=(f"{name}: the first of {frames} frames is compared", *subject.notes)
        )
    return subject


def subject_of(picture: Picture, name: str, channels: str = "luma") -> Subject:
    """Take from a picture what is compared.

    Parameters
    ----------
    picture : Picture
        Its first frame.
    name : str
    channels : {"luma", "all"}
        Rec. 709 luma of three colours, one channel being its own; or all colours. Alpha is left
        out.

    Returns
    -------
    Subject

    Raises
    ------
    ArgumentError
        If the samples cannot be filtered, or have no luma.
    """
    import numpy as np

    from dilcli.core.arguments import as_pixels, response_dtype
    from dilcli.core.colour import colour_field
    from dilcli.core.window import whole

    frame = picture.frames[0]
    given = as_pixels(frame)
    alpha = picture.alpha or picture.metadata.associated_alpha
    colours = given.shape[2] - alpha
    luma = channels == "luma"
    if luma and colours not in (1, 3):
        raise ArgumentError(
            f"{name}: luma needs 1 or 3 colour channels (got {colours}); use --channels all"
        )
    dtype = response_dtype(given)
    field = colour_field(whole(given), dtype, boundary="nearest", fill=0.0, alpha=alpha, luma=luma)
    pixels = np.empty((field.height, field.width, field.channels), dtype)
    for top in range(0, field.height, _ROWS):
        field.read(slice(top, top + _ROWS), slice(None), pixels[top : top + _ROWS])
    notes = []
    if alpha:
        notes.append(f"{name}: alpha is left out of the comparison")
    if min(pixels.shape[:2]) < _SSIM_SIDE:
        size = f"{pixels.shape[0]} x {pixels.shape[1]}"
        notes.append(
            f"{name}: SSIM needs {_SSIM_SIDE} x {_SSIM_SIDE} pixels and the picture has {size}; "
            "it is null"
        )
    return Subject(name, picture, pixels, channels, frame.ndim == 1, tuple(notes))


def compare_at(
    subject: Subject,
    rate: Pair,
    settings: dict[str, Any],
    prefilter: str = "none",
    keep: Keep | None = None,
) -> Run:
    """Compare the ways on a picture at one rate.

    Parameters
    ----------
    subject : Subject
    rate : (int, int)
        Dilation of the one way, step of the other; a row of samples takes the second.
    settings : dict
        Further fields of `dilcli.core.comparison.Setup`: ``kernel``, ``boundary``, ``ways``, ...
    prefilter : str
        As `dilcli.features.prefilter.prefilter_kernel` reads it.
    keep : callable, optional
        Is handed each way's name and response, of shape (H, W, C), while it is there; the dilated
        one first.

    Returns
    -------
    Run

    Raises
    ------
    ArgumentError, KernelError
        If the settings have no meaning for the picture.
    """
    import numpy as np

    from dilcli.core.arguments import as_kernel, checked_fill
    from dilcli.core.comparison import Setup, compare

    if subject.is_row:
        rate = (1, rate[1])
    setup = Setup(rate=rate, prefilter=prefilter_kernel(prefilter, rate), **settings)
    as_kernel(setup.kernel, flat=subject.is_row)
    checked_fill(setup.fill, subject.pixels.dtype)
    # Samples that are not finite make differences that are not: numbers that are left out then.
    with np.errstate(all="ignore"):
        comparison = compare(subject.pixels, setup, keep)
    height, width = subject.pixels.shape[:2]
    return Run(subject.name, subject.channels, prefilter, (height, width), setup, comparison)
