"""A picture put together from the files of its planes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.machine import Means, default_memory
from dilcli.features.starlet_joined import Joined, write_joined
from dilcli.features.starlet_joining import Joining
from dilcli.features.starlet_planes import find_planes
from dilcli.features.starlet_refusals import refuse_outputs
from dilcli.features.starlet_storage import Storage
from dilcli.features.starlet_stored import open_planes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dilcli.core.response import Depth
    from dilcli.features.outputs import Selector
    from dilcli.features.starlet_planes import PlaneFiles
    from dilcli.features.starlet_sidecar import Sidecar
    from dilcli.features.starlet_stored import Stored
    from dilcli.files import Metadata

__all__ = ["Recomposition", "recompose"]


class Recomposition(NamedTuple):
    """What was written.

    Attributes
    ----------
    output : Path
    levels : int
    frames : int
    shape : tuple of int
        Of the first frame.
    dtype : str
    clipped, samples : int
        Of all frames; alpha is not counted.
    notes : tuple of str
    """

    output: Path
    levels: int
    frames: int
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
    frames: Selector | None = None,
    memory: int | None = None,
    threads: int | None = None,
) -> Recomposition:
    """Put a picture together from its planes strip by strip, and write it.

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
    frames : callable, optional
        Chooses frames by their number; default all of them.
    memory : int, optional
        Bytes that the process takes at most; default `dilcli.features.machine.default_memory`.
    threads : int, optional
        Default one a processor.

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
    from dilcli.core.threads import available_threads

    found = find_planes(names)
    if found.sidecar is None and depth == "same":
        for path in found.planes:
            files.inspect(path)
        raise ArgumentError(
            f"{found.planes[-1]} has no record {found.planes[-1].name}.json that says what the "
            "picture was; give --depth 8, 16 or float"
        )
    format_ = files.format_for(output.name)
    _check_output(output, found, format_, overwrite=overwrite)
    if found.sidecar is not None:
        chosen = _chosen(found, frames, found.sidecar.frames)
        _check_frames(output, format_, len(chosen))
        _check_samples(found.sidecar, format_, depth, chosen)
    level_values("residual gain", residual_gain, 1)
    _check_gains(found, gains)
    means = Means(threads or available_threads(), memory or default_memory())
    with open_planes(found, means) as stored:
        chosen = _chosen(found, frames, len(stored.frames))
        _check_frames(output, format_, len(chosen))
        factors = (*_check_gains(found, gains, len(stored.frames[0].planes) - 1), residual_gain)
        joined = Joined(
            frames=tuple(stored.frames[place] for place in chosen),
            found=found,
            how=_joining(found, stored, factors, depth, means.cores),
            means=means._replace(memory=means.memory - stored.held),
        )
        metadata, lost = _metadata(found, stored, format_, chosen)
        written = write_joined(joined, output, format_, metadata, overwrite=overwrite)
    return Recomposition(
        output,
        len(factors) - 1,
        len(chosen),
        written.shape,
        written.dtype,
        written.clipped,
        written.samples,
        (*lost, *written.notes),
    )


def _joining(
    found: PlaneFiles, stored: Stored, factors: tuple[float, ...], depth: Depth, threads: int
) -> Joining:
    """Say how planes become a picture."""
    sidecar = found.sidecar
    if sidecar is None:
        source = stored.frames[0].planes[0].dtype.name
        return Joining(Storage("float64"), factors, source, depth, threads)
    storage = Storage(sidecar.samples, sidecar.offset, sidecar.gain)
    return Joining(storage, factors, sidecar.dtype, depth, threads, sidecar)


def _chosen(found: PlaneFiles, frames: Selector | None, count: int) -> tuple[int, ...]:
    try:
        return tuple(range(count) if frames is None else frames(count))
    except ImageFileError as error:
        raise ImageFileError(f"{found.planes[-1]}: {error}") from None


def _check_output(output: Path, found: PlaneFiles, format_: str, *, overwrite: bool) -> None:
    """Refuse what could not be written, as far as it is known before a record is looked at."""
    if files.FORMATS[format_].folder:
        raise ArgumentError(f"{output}: {files.FORMATS[format_].title} is not written here")
    planes = [*found.planes, *filter(None, [found.alpha])]
    refuse_outputs([output], planes, overwrite=overwrite)


def _check_frames(output: Path, format_: str, count: int) -> None:
    """Refuse several frames in the words of this command."""
    kind = files.FORMATS[format_]
    if count > 1 and not kind.frames:
        raise ImageFileError(
            f"{output}: {kind.title} cannot hold {count} frames; use --frames 0 for the first "
            "one, or an output that can: .tif, .png, .webp, .gif"
        )


def _check_samples(sidecar: Sidecar, format_: str, depth: Depth, chosen: Sequence[int]) -> None:
    """Refuse what a format cannot hold before planes are read."""
    from dilcli.core.response import output_dtype

    files.check(
        format_,
        shape=sidecar.shape_of(chosen[0]),
        dtype=output_dtype(sidecar.dtype, depth).name,
        alpha=sidecar.alpha is not None and not sidecar.associated_alpha,
        frames=len(chosen),
        mixed_sizes=len({sidecar.shape_of(frame) for frame in chosen}) > 1,
    )


def _check_gains(
    found: PlaneFiles, gains: Sequence[float], levels: int | None = None
) -> tuple[float, ...]:
    """Refuse gains as early as the number of levels is known, and give that of each level."""
    from dilcli.core.levels import level_values

    if levels is None:
        levels = found.sidecar.levels if found.sidecar else max(len(found.planes) - 1, len(gains))
    return tuple(level_values("gain", gains, levels))


def _metadata(
    found: PlaneFiles, stored: Stored, format_: str, chosen: Sequence[int]
) -> tuple[Metadata, tuple[str, ...]]:
    """Give what the output is written with, and notes on what it cannot hold."""
    from dilcli.files.fitting import lost

    sidecar, metadata = found.sidecar, stored.metadata
    if sidecar is None:
        return metadata, ()
    if found.alpha is not None:
        metadata = replace(metadata, associated_alpha=sidecar.associated_alpha)
    durations = tuple(sidecar.durations[frame] for frame in chosen) if sidecar.durations else ()
    animated = replace(metadata, durations=durations, loop=sidecar.loop)
    count = len(chosen)
    if count > 1 and lost(format_, animated, count) != lost(format_, metadata, count):
        return metadata, (f"{files.FORMATS[format_].title} holds no frame durations: not kept",)
    return animated, ()
