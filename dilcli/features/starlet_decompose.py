"""A picture taken apart into the files of its planes, and whether they give it back."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError
from dilcli.features.starlet_montage import draw_montage, drawn_channel
from dilcli.features.starlet_notes import exactness_notes, picture_notes
from dilcli.features.starlet_samples import apart, fitted, parted
from dilcli.features.starlet_sidecar import Sidecar
from dilcli.features.starlet_storage import Storage, bounded_gain, measured_gain
from dilcli.features.starlet_targets import make_folder, plan_targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel
    from dilcli.features.starlet_targets import Naming, Targets
    from dilcli.files import Metadata, Picture

__all__ = ["Decomposition", "Transform", "decompose"]


class Transform(NamedTuple):
    """Settings of a transform, as `dilcli.starlet` has them."""

    levels: int
    kernel: Kernel
    boundary: Boundary = "reflect"
    fill: float = 0.0
    generation: int = 1


class Decomposition(NamedTuple):
    """What was written.

    Attributes
    ----------
    input : str
    targets : Targets
    sidecar : Sidecar
    difference : float or None
        Between the input and what its stored planes give back, the largest; None where that is
        no finite number.
    notes : tuple of str
    """

    input: str
    targets: Targets
    sidecar: Sidecar
    difference: float | None
    notes: tuple[str, ...]


def decompose(
    content: Path | bytes, name: str, transform: Transform, naming: Naming
) -> Decomposition:
    """Write the planes of the first frame of a picture.

    Parameters
    ----------
    content : Path or bytes
        The picture.
    name : str
        Its path, or ``-``; for messages and names of outputs.
    transform : Transform
    naming : Naming

    Returns
    -------
    Decomposition

    Raises
    ------
    ArgumentError, KernelError
        If settings have no meaning, before any work.
    ImageFileError
        If a file cannot be read or written, or an output exists.
    """
    from dilcli.core.scaling import scaling_taps

    taps = scaling_taps(transform.kernel)
    if not isfinite(transform.fill):
        raise ArgumentError(f"fill must be finite (got {transform.fill:g})")
    header = files.inspect(content, name=name)
    targets = plan_targets(name, header, transform.levels, naming)
    picture = files.read(content, frames=(0,), name=name)
    work = _Work(name, transform, taps, targets, naming, picture)
    colours, opacity = work.parted()
    notes = [
        *picture.notes,
        *picture_notes(name, header.frames, colours.shape, transform.levels),
        *work.check(colours, opacity),
    ]
    storage = work.storage(colours)
    shown: list[NDArray[np.float32]] = []
    difference = work.write_planes(colours, storage, shown)
    if targets.alpha is not None and opacity is not None:
        work.write(targets.alpha, (opacity,))
    sidecar = work.sidecar(storage)
    files.write(targets.sidecar, sidecar.as_text().encode(), overwrite=naming.overwrite)
    if naming.montage is not None:
        work.write_montage(naming.montage, shown)
    notes += exactness_notes(difference, storage, colours.dtype)
    return Decomposition(name, targets, sidecar, difference, tuple(notes))


class _Work(NamedTuple):
    """A picture that is taken apart; planes are written as they are made, few of them held."""

    name: str
    transform: Transform
    taps: tuple[float, ...]
    targets: Targets
    naming: Naming
    picture: Picture

    def parted(self) -> tuple[NDArray[Any], NDArray[Any] | None]:
        alpha = self.picture.alpha or self.picture.metadata.associated_alpha
        return parted(self.picture.frames[0], alpha=alpha)

    def metadata(self) -> Metadata:
        """Give what planes are written with: they are stills, and their alpha stands apart."""
        return replace(self.picture.metadata, associated_alpha=False, durations=(), loop=None)

    def check(self, colours: NDArray[Any], opacity: NDArray[Any] | None) -> tuple[str, ...]:
        """Refuse what the format cannot hold; give notes on what is written otherwise."""
        format_, metadata = self.targets.format, self.metadata()
        notes = files.check(
            format_,
            shape=colours.shape,
            dtype=self.targets.samples,
            alpha=False,
            frames=self.transform.levels + 1 if self.naming.stack else 1,
            metadata=metadata,
        )
        if opacity is not None:
            shape, dtype = opacity.shape, opacity.dtype.name
            files.check(format_, shape=shape, dtype=dtype, alpha=False, metadata=metadata)
        return notes

    def storage(self, colours: NDArray[Any]) -> Storage:
        """Choose how planes become samples."""
        if self.targets.samples != "uint16":
            return Storage(self.targets.samples)
        fill = self.transform.fill if self.transform.boundary == "constant" else None
        gain = bounded_gain(colours.dtype, self.taps, fill)
        return Storage.sixteen_bits(measured_gain(self.planes(colours)) if gain is None else gain)

    def planes(self, colours: NDArray[Any]) -> Iterator[NDArray[np.float64]]:
        from dilcli.core.starlet import iter_planes

        return iter_planes(colours, self.transform.levels, **self.settings())

    def settings(self) -> dict[str, Any]:
        """Give the keyword arguments of `dilcli.starlet` and `dilcli.inverse_starlet`."""
        transform = self.transform
        return {
            "kernel": self.taps,
            "boundary": transform.boundary,
            "fill": transform.fill,
            "generation": transform.generation,
        }

    def write_planes(
        self, colours: NDArray[Any], storage: Storage, shown: list[NDArray[np.float32]]
    ) -> float | None:
        """Write all planes, and give how far what they give back lies from the picture.

        What a montage takes of them is added to `shown`.
        """
        import numpy as np

        from dilcli.core.starlet import inverse_starlet

        sums = self.transform.generation == 1
        kept: list[NDArray[Any]] = []
        total = np.zeros(colours.shape)
        for number, plane in enumerate(self.planes(colours)):
            if self.naming.montage is not None:
                shown.append(drawn_channel(plane))
            stored = storage.encode(plane)
            del plane
            if self.naming.stack or not sums:
                kept.append(stored)
            if not self.naming.stack:
                self.write(self.targets.planes[number], (stored,))
            if sums:
                with np.errstate(invalid="ignore"):
                    np.add(total, storage.decode(stored), out=total, dtype=np.float64)
        if self.naming.stack:
            self.write(self.targets.planes[0], tuple(kept))
        if not sums:
            total = inverse_starlet(list(map(storage.decode, kept)), **self.settings())
        return apart(fitted(total, colours.dtype)[0], colours)

    def write(self, path: Path, frames: tuple[NDArray[Any], ...]) -> None:
        """Write a file with the picture's metadata."""
        make_folder(self.naming.folder, path)
        format_ = self.targets.format
        made = files.Picture(frames, alpha=False, format=format_, metadata=self.metadata())
        # Deflating floats takes long and saves little.
        plain = format_ == "tiff" and frames[0].dtype.kind == "f"
        data = files.encode(made, format_, compression="none" if plain else None)
        files.write(path, data, overwrite=self.naming.overwrite)

    def write_montage(self, path: Path, shown: list[NDArray[np.float32]]) -> None:
        """Draw all planes on one sheet."""
        transform, frame = self.transform, self.picture.frames[0]
        fact = f"{transform.kernel.name}, generation {transform.generation}, {transform.boundary}"
        fact += ", luma" if frame.ndim == 3 and frame.shape[2] > 2 else ""
        sheet = draw_montage(shown, frame.dtype, title=Path(self.name).name, facts=[fact])
        format_ = files.format_for(path.name)
        made = files.Picture((sheet,), alpha=False, format=format_)
        files.write(path, files.encode(made, format_), overwrite=self.naming.overwrite)

    def sidecar(self, storage: Storage) -> Sidecar:
        """Record all that putting the picture together again takes."""
        transform, targets, frame = self.transform, self.targets, self.picture.frames[0]
        return Sidecar(
            kernel=transform.kernel.name,
            taps=self.taps,
            levels=transform.levels,
            generation=transform.generation,
            boundary=transform.boundary,
            fill=transform.fill,
            source=Path(self.name).name,
            dtype=frame.dtype.name,
            shape=frame.shape,
            associated_alpha=self.picture.metadata.associated_alpha,
            samples=storage.samples,
            offset=storage.offset,
            gain=storage.gain,
            stack=self.naming.stack,
            files=tuple(path.name for path in targets.planes),
            alpha=None if targets.alpha is None else targets.alpha.name,
        )
