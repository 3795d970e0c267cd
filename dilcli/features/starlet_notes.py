"""What is to be known about a decomposition, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import DTypeLike

    from dilcli.features.starlet_storage import Storage

__all__ = ["exactness_notes", "picture_notes"]


def picture_notes(name: str, shape: tuple[int, ...], levels: int) -> Iterator[str]:
    """Say which levels are larger than a picture.

    Parameters
    ----------
    name : str
    shape : tuple of int
        (N,), (H, W) or (H, W, C).
    levels : int

    Yields
    ------
    str
    """
    from dilcli.core.starlet_recipe import deep_levels

    for text in deep_levels(levels, min(shape[:2])):
        yield f"{name}: {text}"


def exactness_notes(difference: float | None, storage: Storage, source: DTypeLike) -> Iterator[str]:
    """Say why planes do not give a picture back, and what would.

    Parameters
    ----------
    difference : float or None
        The largest; None if it is not finite.
    storage : Storage
    source : dtype
        Of the picture. Floats that are rounded to floats are not spoken of.

    Yields
    ------
    str
    """
    import numpy as np

    if difference is None:
        yield "samples that are not finite spread over the planes, which do not give them back"
        return
    rounds = storage.samples == "uint16" or np.dtype(source).kind != "f"
    if difference > 0 and rounds:
        finer = {"uint16": "float32", "float32": "npy"}.get(storage.samples)
        advice = f"; --planes {finer} is finer" if finer else ""
        yield f"planes of {storage.samples} do not give the input back exactly{advice}"
