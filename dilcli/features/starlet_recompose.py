"""A picture put together from the files of its planes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.starlet_planes import find_planes, read_planes
from dilcli.features.starlet_samples import fitted, joined
from dilcli.features.starlet_targets import refuse_outputs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.response import Depth
    from dilcli.features.starlet_planes import PlaneFiles, Planes

__all__ = ["Recomposition", "recompose"]


class Recomposition(NamedTuple):
    """What was written.

    Attributes
    ----------
    output : Path
    levels : int
    shape : tuple of int
    dtype : str
    clipped, samples : int
    notes : tuple of str
    """

    output: Path
    levels: int
    shape: tuple[int, ...]
    dtype: str
    clipped: int
    samples: int
    notes: tuple[str, ...]


def recompose(
    names: Sequence[str],
    output: Path,
    *,
    gains: Sequence[float] = (1.0,),
    residual_gain: float = 1.0,
    depth: Depth = "same",
    overwrite: bool = False,
) -> Recomposition:
    """Put a picture together from its planes, and write it.

    Parameters
    ----------
    names : sequence of str
        Files of planes, in any order, or one with all of them.
    output : Path
    gains : sequence of float
        Factors of the details, level 1 first; the last one repeats.
    residual_gain : float
    depth : {"same", "8", "16", "float"}
        ``"same"`` is the picture's own, and asks for the record beside the residual.
    overwrite : bool

    Returns
    -------
    Recomposition

    Raises
    ------
    ArgumentError
        If planes are missing, or settings have no meaning.
    ImageFileError
        If a file cannot be read or written, or the output exists.
    """
    from dilcli.core.levels import level_values

    found = find_planes(names)
    if found.sidecar is None and depth == "same":
        raise ArgumentError(
            f"{found.planes[-1]} has no record {found.planes[-1].name}.json that says what the "
            "picture was; give --depth 8, 16 or float"
        )
    format_ = files.format_for(output.name)
    _check_output(output, found, format_, depth, overwrite=overwrite)
    level_values("residual gain", residual_gain, 1)
    _check_gains(found, gains)
    planes = read_planes(found)
    _check_gains(found, gains, len(planes.planes) - 1)
    values = _put_together(planes, found, gains, residual_gain)
    source = planes.planes[0].dtype if found.sidecar is None else found.sidecar.dtype
    colours, clipped = fitted(values, source, depth)
    picture = _picture(colours, planes, found, format_, depth)
    frame = picture.frames[0]
    notes = files.check(
        format_,
        shape=frame.shape,
        dtype=frame.dtype.name,
        alpha=picture.alpha,
        metadata=picture.metadata,
    )
    files.write(output, files.encode(picture, format_), overwrite=overwrite)
    return Recomposition(
        output,
        len(planes.planes) - 1,
        frame.shape,
        frame.dtype.name,
        clipped,
        colours.size,
        tuple(notes),
    )


def _check_output(
    output: Path, found: PlaneFiles, format_: str, depth: Depth, *, overwrite: bool
) -> None:
    """Refuse what could not be written, as far as it is known before planes are read."""
    if files.FORMATS[format_].folder:
        raise ArgumentError(f"{output}: {files.FORMATS[format_].title} is not written here")
    planes = [*found.planes, *filter(None, [found.alpha])]
    refuse_outputs([output], planes, overwrite=overwrite)
    if found.sidecar is not None:
        from dilcli.core.response import output_dtype

        alpha = found.sidecar.alpha is not None and not found.sidecar.associated_alpha
        dtype = output_dtype(found.sidecar.dtype, depth).name
        files.check(format_, shape=found.sidecar.shape, dtype=dtype, alpha=alpha)


def _check_gains(found: PlaneFiles, gains: Sequence[float], levels: int | None = None) -> None:
    """Refuse gains as early as the number of levels is known."""
    from dilcli.core.levels import level_values

    if levels is None:
        levels = found.sidecar.levels if found.sidecar else max(len(found.planes) - 1, len(gains))
    level_values("gain", gains, levels)


def _put_together(
    planes: Planes, found: PlaneFiles, gains: Sequence[float], residual_gain: float
) -> NDArray[np.float64]:
    from dilcli.core.starlet import inverse_starlet

    sidecar = found.sidecar
    settings: dict[str, Any] = {}
    if sidecar is not None:
        settings = {
            "kernel": sidecar.taps,
            "boundary": sidecar.boundary,
            "fill": sidecar.fill,
            "generation": sidecar.generation,
        }
    return inverse_starlet(planes.planes, gains=gains, residual_gain=residual_gain, **settings)


def _picture(
    colours: NDArray[Any], planes: Planes, found: PlaneFiles, format_: str, depth: Depth
) -> files.Picture:
    """Put alpha and metadata to the colours."""
    import numpy as np

    alpha, metadata = planes.alpha, planes.metadata
    associated = found.sidecar is not None and found.sidecar.associated_alpha
    if alpha is not None:
        opacity, _ = fitted(alpha.astype(np.float64), alpha.dtype, depth)
        if opacity.dtype != colours.dtype or opacity.shape != colours.shape[:2]:
            raise ImageFileError(f"{found.alpha}: is no alpha of these planes")
        colours = joined(colours, opacity)
        metadata = replace(metadata, associated_alpha=associated)
    straight = alpha is not None and not associated
    return files.Picture((colours,), alpha=straight, format=format_, metadata=metadata)
