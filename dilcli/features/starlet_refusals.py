"""Outputs refused before any work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError, ImageFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["lies_in", "refuse_outputs"]


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


def lies_in(folder: Path | None, path: Path) -> bool:
    """Tell whether a path leads into a folder, which need not be there yet."""
    return folder is not None and folder.resolve() in path.resolve().parents
