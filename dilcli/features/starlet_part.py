"""Frames of a picture whose planes go to the same files, taken apart and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.existing import make_folder
from dilcli.features.starlet_files import PlaneWriting, at_once, plane_files, written
from dilcli.features.starlet_sidecar import Sidecar
from dilcli.features.starlet_storage import Storage, bounded_gain, measured_gain
from dilcli.features.starlet_strips import cut_apart, room_of
from dilcli.features.starlet_taking import planes_of, take_apart
from dilcli.features.starlet_transform import laid_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.features.machine import Means
    from dilcli.features.starlet_files import PlaneFile
    from dilcli.features.starlet_measures import Measure
    from dilcli.features.starlet_shown import ShownPlane
    from dilcli.features.starlet_source import StarletSource
    from dilcli.features.starlet_strips import Room, Strip
    from dilcli.features.starlet_targets import Naming, Targets
    from dilcli.features.starlet_transform import Transform
    from dilcli.files import Metadata, RowPicture

__all__ = ["Part"]

#: Pages that are laid aside stay in memory up to this share of it.
_LAID_ASIDE = 4
#: How many times a picture is there that is encoded whole.
_ENCODED = 3


@dataclass(frozen=True, eq=False)
class Part:
    """Frames that are taken apart into the same files.

    Attributes
    ----------
    name : str
        Of the picture.
    transform : Transform
    naming : Naming
    targets : Targets
        The files.
    picture : RowPicture
        The frames that were chosen.
    places : tuple of int
        Those among them that are of this part.
    means : Means
        Threads, and bytes of memory beside what is held of the picture.
    """

    name: str
    transform: Transform
    naming: Naming
    targets: Targets
    picture: RowPicture
    places: tuple[int, ...]
    means: Means

    @property
    def alpha(self) -> bool:
        """Whether the last channel is alpha of either kind."""
        return self.picture.alpha or self.picture.metadata.associated_alpha

    @property
    def _room(self) -> Room:
        return room_of(self.means, self.name)

    @cached_property
    def _frames(self) -> tuple[StarletSource, ...]:
        rows = (self.picture.frames[place] for place in self.places)
        return tuple(laid_out(each, self.transform, alpha=self.alpha) for each in rows)

    @property
    def _shapes(self) -> list[tuple[int, ...]]:
        return [self.picture.frames[place].shape for place in self.places]

    def _metadata(self) -> Metadata:
        """Give what planes are written with: they are no animation, their alpha stands apart."""
        metadata = self.picture.metadata
        return replace(metadata, associated_alpha=False, durations=(), loop=None)

    def _files(self) -> list[PlaneFile]:
        shapes, dtype = self._shapes, self.picture.frames[0].dtype
        return plane_files(self.targets, shapes, dtype, stack=self.naming.stack)

    def check(self) -> tuple[str, ...]:
        """Refuse what the format cannot hold; give notes on what is written otherwise."""
        targets = self._files()
        notes = self._check(targets[0])
        if self.targets.alpha is not None:
            self._check(targets[-1])
        return notes

    def _check(self, target: PlaneFile) -> tuple[str, ...]:
        first, kind = target.pages[0], files.FORMATS[self.targets.format]
        notes = files.check(
            self.targets.format,
            shape=first.shape,
            dtype=first.dtype.name,
            alpha=False,
            frames=len(target.pages),
            metadata=self._metadata(),
            mixed_sizes=len({page.shape for page in target.pages}) > 1,
        )
        lacking = prod(first.shape) * first.dtype.itemsize * _ENCODED - self._room.memory
        if not kind.strips and lacking > 0:
            raise ImageFileError(
                f"{target.path}: {kind.title} is encoded whole, which --memory-limit has no "
                f"room for; raise it by {lacking / 1e6 + 1:.0f} MB, or name a .tif or .npy"
            )
        return notes

    def write_planes(
        self, measures: Sequence[Measure], shown: Sequence[ShownPlane] | None
    ) -> tuple[float | None, Storage]:
        """Write all planes, and alpha.

        Parameters
        ----------
        measures : sequence of Measure
            Of each plane; what is written is added.
        shown : sequence of ShownPlane, optional
            What a montage takes of the first frame.

        Returns
        -------
        float or None
            How far what the planes give back lies from the picture.
        Storage
            How planes became samples.
        """
        targets = self._files()
        writing = PlaneWriting(
            self.targets.format,
            self._metadata(),
            self.naming.overwrite,
            self.means.cores,
            self._room.memory // _LAID_ASIDE,
            self.naming.tag,
        )
        strips = [self._cut(frame, targets) for frame in self._frames]
        storage = self._storage(strips)
        for target in targets:
            make_folder(self.naming.folder, target.path)
        differences: list[float | None] = []
        with written(targets, writing) as put:
            for place, frame in enumerate(self._frames):

                def take(
                    plane: int,
                    first: int,
                    values: NDArray[np.float64] | None,
                    stored: NDArray[Any],
                    place: int = place,
                ) -> None:
                    if values is not None:
                        measures[plane].add(values)
                        if shown is not None and place == 0:
                            shown[plane].add(first, values)
                    put(place, plane, stored)

                threads = self.means.cores
                differences.append(take_apart(frame, strips[place], storage, take, threads))
        finite = [found for found in differences if found is not None]
        return (max(finite) if len(finite) == len(differences) else None), storage

    def _cut(self, frame: StarletSource, targets: Sequence[PlaneFile]) -> list[Strip]:
        import numpy as np

        size = np.dtype(self.targets.samples).itemsize
        together = at_once(targets, self.targets.format)
        room, packed = self._room, self.targets.format == "tiff" and size < 4
        if not together:
            room = room._replace(memory=room.memory - room.memory // _LAID_ASIDE)
        stored = size * (len(targets) if together else 1)
        return cut_apart(frame.plan, frame.rows, room, stored=stored, packed=packed)

    def _storage(self, strips: Sequence[Sequence[Strip]]) -> Storage:
        """Choose how planes become samples."""
        if self.targets.samples != "uint16":
            return Storage(self.targets.samples)
        transform, plan = self.transform, self._frames[0].plan
        fill = transform.fill if transform.boundary == "constant" else None
        gain = bounded_gain(self.picture.frames[0].dtype, plan.taps, fill)

        def planes() -> Iterator[NDArray[np.float64]]:
            for frame, each in zip(self._frames, strips, strict=True):
                yield from planes_of(frame, each, self.means.cores)

        return Storage.sixteen_bits(measured_gain(planes()) if gain is None else gain)

    def write_sidecar(self, storage: Storage) -> Sidecar:
        """Record all that putting the frames together again takes."""
        transform, targets, metadata = self.transform, self.targets, self.picture.metadata
        shapes = self._shapes
        animated = len(shapes) > 1
        sidecar = Sidecar(
            kernel=transform.kernel.name,
            taps=self._frames[0].plan.taps,
            levels=transform.levels,
            generation=transform.generation,
            boundary=transform.boundary,
            fill=transform.fill,
            source=Path(self.name).name,
            dtype=self.picture.frames[0].dtype.name,
            shape=shapes[0],
            associated_alpha=metadata.associated_alpha,
            samples=storage.samples,
            offset=storage.offset,
            gain=storage.gain,
            stack=self.naming.stack,
            files=tuple(path.name for path in targets.planes),
            alpha=None if targets.alpha is None else targets.alpha.name,
            frames=len(shapes),
            shapes=tuple(shapes) if len(set(shapes)) > 1 else (),
            durations=metadata.durations if animated else (),
            loop=metadata.loop if animated else None,
        )
        data = sidecar.as_text().encode()
        files.write(targets.sidecar, data, overwrite=self.naming.overwrite, tag=self.naming.tag)
        return sidecar
