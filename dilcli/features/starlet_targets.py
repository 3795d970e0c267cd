"""The files of the planes of a picture: named and refused before any work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.starlet_refusals import lies_in, refuse_outputs
from dilcli.features.starlet_sidecar import plane_names, sidecar_path
from dilcli.features.starlet_storage import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from dilcli.files import Header

__all__ = ["Naming", "Targets", "plan_parts", "plan_targets"]


class Naming(NamedTuple):
    """How the files of planes are named.

    Attributes
    ----------
    template : str or None
        As for ``apply``, with ``{plane}``.
    folder : Path or None
    planes : {"float32", "npy", "uint16"} or None
        Their samples; None for those that the template's extension suggests.
    stack : bool
        Whether they are pages of one TIFF.
    overwrite : bool
    montage : Path or None
        A picture of all planes.
    tag : str
        As in `dilcli.files.write`.
    """

    template: str | None = None
    folder: Path | None = None
    planes: str | None = None
    stack: bool = False
    overwrite: bool = False
    montage: Path | None = None
    tag: str = ""


class Targets(NamedTuple):
    """Where the planes of one picture go.

    Attributes
    ----------
    planes : tuple of Path
        w1 to the residual, or the stack alone.
    alpha : Path or None
    sidecar : Path
    format : str
    samples : {"float32", "float64", "uint16"}
    levels : int
    """

    planes: tuple[Path, ...]
    alpha: Path | None
    sidecar: Path
    format: str
    samples: str
    levels: int

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return (*self.planes, *filter(None, [self.alpha]), self.sidecar)

    def absolute(self) -> Targets:
        """Name them so that they are found from everywhere."""
        return self._replace(
            planes=tuple(path.absolute() for path in self.planes),
            alpha=self.alpha and self.alpha.absolute(),
            sidecar=self.sidecar.absolute(),
        )


def plan_parts(
    source: str,
    header: Header,
    levels: int,
    naming: Naming,
    frames: Sequence[int],
    *,
    subfolder: str = "",
    index: int = 0,
) -> tuple[Targets, ...]:
    """Name the files of the planes of some frames.

    Parameters
    ----------
    source, header, levels, naming
        As in `plan_targets`.
    frames : sequence of int
        Which ones are taken apart.
    subfolder : str
        Where in the output folder, and of no effect without one.
    index : int
        The picture's place among those that are taken apart.

    Returns
    -------
    tuple of Targets
        One for each frame where the template has ``{frame}``, else a single one for all.

    Raises
    ------
    ArgumentError, ImageFileError
        As `plan_targets`.
    """
    if "{frame" not in (naming.template or ""):
        where: dict[str, Any] = {"subfolder": subfolder, "index": index}
        return (plan_targets(source, header, levels, naming, len(frames), **where),)
    parts = tuple(
        plan_targets(source, header, levels, naming, frame=frame, subfolder=subfolder, index=index)
        for frame in frames
    )
    every = [path for part in parts for path in part.files]
    if len(set(every)) < len(every):
        twice = next(path for path in every if every.count(path) > 1)
        raise ArgumentError(f"planes of two frames would both be {twice}; change {{frame}} in -o")
    return parts


def plan_targets(
    source: str,
    header: Header,
    levels: int,
    naming: Naming,
    count: int = 1,
    *,
    frame: int | None = None,
    subfolder: str = "",
    index: int = 0,
) -> Targets:
    """Name the files of a picture's planes.

    Parameters
    ----------
    source : str
        The picture's path, or ``-``.
    header : Header
        Of the picture.
    levels : int
    naming : Naming
    count : int
        Frames that each plane has.
    frame : int, optional
        The only one of them, where it is to be in the names.
    subfolder : str
        Where in the output folder, and of no effect without one.
    index : int
        The picture's place among those that are taken apart.

    Returns
    -------
    Targets

    Raises
    ------
    ArgumentError
        If names are wrong, collide, or contradict the samples.
    ImageFileError
        If a file exists, its folder does not, or its format cannot hold planes.
    """
    names = () if naming.stack else plane_names(levels)
    alpha = header.alpha or header.associated_alpha

    fields = files.source_fields(source, index)
    if frame is not None:
        fields["frame"] = frame

    def path_of(plane: str | None) -> Path:
        named = fields if plane is None else fields | {"plane": plane}
        return _path(source, naming, named, subfolder)

    planes = tuple(map(path_of, names or (None,)))
    if len(set(planes)) < len(planes):
        raise ArgumentError(
            f"{len(planes)} planes would all be {planes[0]}; put {{plane}} into -o, "
            "or make them pages of one file with --stack"
        )
    format_ = files.format_for(planes[0].name)
    samples = _samples(planes[0], format_, naming)
    if count > 1 and format_ != "tiff":
        raise ImageFileError(
            f"{planes[0]}: a plane of {count} frames is pages of a TIFF; use a .tif, "
            "--frames 0 for the first one, or {frame} in the output's name"
        )
    beside = None
    if alpha and naming.stack:
        beside = planes[0].with_name(f"{planes[0].stem}_alpha{planes[0].suffix}")
    elif alpha:
        beside = path_of("alpha")
    targets = Targets(planes, beside, sidecar_path(planes[-1]), format_, samples, levels)
    _check(targets, source, naming)
    return targets


def _path(source: str, naming: Naming, fields: Mapping[str, str | int], subfolder: str) -> Path:
    template = naming.template
    if template == files.STDIN:
        raise ArgumentError("planes are several files; name them with {plane} in -o, not -")
    if template is None:
        ending = ".npy" if naming.planes == "npy" else ".tif"
        template = ("{stem}_{plane}" if "plane" in fields else "{stem}_planes") + ending
        template = template if naming.folder is not None else "{parent}/" + template
    return files.output_path(source, fields, template, naming.folder, subfolder)


def _samples(path: Path, format_: str, naming: Naming) -> str:
    """Choose samples by option or extension, and refuse what contradicts it."""
    kind = files.FORMATS[format_]
    usual = {"npy": "npy", "png": "uint16"}.get(format_, "float32")
    planes = naming.planes or usual
    if kind.folder or kind.loss == "always" or not {"float32", "uint16"} & set(kind.samples):
        raise ArgumentError(f"{path}: {kind.title} holds no planes; name a .tif, .npy or .png")
    if planes == "npy" and format_ != "npy":
        raise ArgumentError(f"--planes npy writes .npy files (got {path}); drop one of the two")
    if SAMPLES[planes] not in kind.samples:
        raise ArgumentError(
            f"{path}: {kind.title} holds no {SAMPLES[planes]} planes; "
            f"use --planes {usual}, or name a .tif"
        )
    if naming.stack and format_ != "tiff":
        raise ArgumentError(f"{path}: --stack makes the pages of a TIFF; name a .tif")
    return SAMPLES[planes]


def _check(targets: Targets, source: str, naming: Naming) -> None:
    every, overwrite = list(targets.files), naming.overwrite
    inputs = [] if source == files.STDIN else [Path(source)]
    if naming.montage is not None:
        if naming.montage in every:
            raise ArgumentError(f"--montage {naming.montage} is the name of a plane")
        format_ = files.format_for(naming.montage.name)
        files.check(format_, shape=(1, 1, 3), dtype="uint8", alpha=False)
        inside = lies_in(naming.folder, naming.montage)
        refuse_outputs([naming.montage], inputs, overwrite=overwrite, makes_folder=inside)
    refuse_outputs(every, inputs, overwrite=overwrite, makes_folder=naming.folder is not None)
