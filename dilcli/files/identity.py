"""The identity of a path: one text for all spellings that lead to one file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["identities"]


def identities() -> Callable[[Path], str]:
    """Give a function from a path to one text for all of its spellings.

    Paths are taken as the disk sees them: through symbolic links and ``..``, and without regard
    to case and Unicode composition where the folder has no regard to case.

    Returns
    -------
    callable
        From a Path to its identity, which is to be compared and not to be opened. The file need
        not exist. What is found out about a folder is remembered, so that many files cost little;
        hence the function is for the names of one run, made anew for the next.
    """
    folders: dict[Path, Path] = {}
    folding: dict[Path, bool] = {}

    def identity(path: Path) -> str:
        if path.name in ("", "..") or _is_link(path):
            resolved = _resolved(path)
        else:
            folder = path.parent
            if folder not in folders:
                folders[folder] = _resolved(folder)
            resolved = folders[folder] / path.name
        parent = resolved.parent
        if parent not in folding:
            folding[parent] = _folds_case(parent)
        if folding[parent]:
            import unicodedata

            return unicodedata.normalize("NFC", str(resolved)).casefold()
        return str(resolved)

    return identity


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:
        return False


def _resolved(path: Path) -> Path:
    with suppress(OSError, RuntimeError, ValueError):  # a loop of links, or no name for the disk
        return path.resolve()
    return path.absolute()


def _folds_case(folder: Path) -> bool:
    """Whether upper and lower case are one in the nearest folder that exists."""
    for each in (folder, *folder.parents):
        other = each.with_name(each.name.swapcase()) if each.name else each
        with suppress(OSError):
            if other != each and each.exists():
                return other.exists() and other.samefile(each)
    return False
