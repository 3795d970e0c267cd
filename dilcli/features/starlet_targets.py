"""The files of the planes of a picture: named and refused before any work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dilcli import files
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.starlet_sidecar import plane_names, sidecar_path
from dilcli.features.starlet_storage import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.files import Header

__all__ = ["Naming", "Targets", "make_folder", "plan_targets", "refuse_outputs"]


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
    """

    template: str | None = None
    folder: Path | None = None
    planes: str | None = None
    stack: bool = False
    overwrite: bool = False
    montage: Path | None = None


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
    """

    planes: tuple[Path, ...]
    alpha: Path | None
    sidecar: Path
    format: str
    samples: str


def plan_targets(source: str, header: Header, levels: int, naming: Naming) -> Targets:
    """Name the files of a picture's planes.

    Parameters
    ----------
    source : str
        The picture's path, or ``-``.
    header : Header
        Of the picture.
    levels : int
    naming : Naming

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
    planes = tuple(_path(source, naming, name) for name in names or (None,))
    if len(set(planes)) < len(planes):
        raise ArgumentError(
            f"{len(planes)} planes would all be {planes[0]}; put {{plane}} into -o, "
            "or make them pages of one file with --stack"
        )
    format_ = files.format_for(planes[0].name)
    samples = _samples(planes[0], format_, naming)
    beside = None
    if alpha and naming.stack:
        beside = planes[0].with_name(f"{planes[0].stem}_alpha{planes[0].suffix}")
    elif alpha:
        beside = _path(source, naming, "alpha")
    targets = Targets(planes, beside, sidecar_path(planes[-1]), format_, samples)
    _check(targets, source, naming)
    return targets


def _path(source: str, naming: Naming, plane: str | None) -> Path:
    template = naming.template
    if template == files.STDIN:
        raise ArgumentError("planes are several files; name them with {plane} in -o, not -")
    if template is None:
        ending = ".npy" if naming.planes == "npy" else ".tif"
        template = ("{stem}_planes" if plane is None else "{stem}_{plane}") + ending
        template = template if naming.folder is not None else "{parent}/" + template
    fields = files.source_fields(source, 0)
    if plane is not None:
        fields["plane"] = plane
    return files.output_path(source, fields, template, naming.folder)


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
    every = [*targets.planes, targets.sidecar, *filter(None, [targets.alpha])]
    if naming.montage is not None:
        if naming.montage in every:
            raise ArgumentError(f"--montage {naming.montage} is the name of a plane")
        format_ = files.format_for(naming.montage.name)
        files.check(format_, shape=(1, 1, 3), dtype="uint8", alpha=False)
        refuse_outputs([naming.montage], [], overwrite=naming.overwrite)
        every.append(naming.montage)
    inputs = [] if source == files.STDIN else [Path(source)]
    refuse_outputs(
        every, inputs, overwrite=naming.overwrite, makes_folder=naming.folder is not None
    )


def refuse_outputs(
    outputs: Sequence[Path],
    inputs: Sequence[Path],
    *,
    overwrite: bool,
    makes_folder: bool = False,
) -> None:
    """Refuse, before any work, outputs that exist, are inputs, or have no folder.

    Parameters
    ----------
    outputs, inputs : sequence of Path
    overwrite : bool
        Whether outputs that exist are replaced; inputs never are.
    makes_folder : bool
        Whether a folder that is missing will be made.

    Raises
    ------
    ArgumentError
        If an output is an input.
    ImageFileError
        For anything else; names the first one.
    """
    for path in outputs:
        try:
            _refuse(path, inputs, overwrite=overwrite)
            missing = not makes_folder and not path.parent.is_dir()
        except ImageFileError:
            raise
        except OSError as error:
            raise ImageFileError(f"{path}: {error.strerror or error}") from None
        if missing:
            raise ImageFileError(f"{path}: the folder {path.parent} does not exist")


def _refuse(path: Path, inputs: Sequence[Path], *, overwrite: bool) -> None:
    if not path.exists():
        return
    if any(each.exists() and path.samefile(each) for each in inputs):
        raise ArgumentError(f"{path} is an input; the output needs a file of its own")
    if path.is_dir():
        raise ImageFileError(f"{path}: is a folder; name a file in it")
    if path.is_file() and not overwrite:
        raise ImageFileError(f"output exists: {path} (use --overwrite)")


def make_folder(folder: Path | None, path: Path) -> None:
    """Make the folder that an output goes to, if a folder was asked for.

    Raises
    ------
    ImageFileError
        If it cannot be made.
    """
    if folder is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ImageFileError(f"{path.parent}: cannot make the folder: {reason}") from error
