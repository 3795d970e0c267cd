"""What lies in folders: a folder walked, a glob followed, one place looked at."""

from __future__ import annotations

import glob
import os
import posixpath
import stat
from dataclasses import dataclass
from fnmatch import fnmatch, fnmatchcase
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal, NamedTuple

from dilcli.files.names import FOLDER_PICTURE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Entry", "Kind", "Rules", "follow", "is_stream", "kind_at", "walk"]

#: A folder that is a picture itself is a file, and a link is what it leads to. "other" is a pipe,
#: a device or a socket, and "error" a folder that cannot be listed.
Kind = Literal["file", "folder", "linked folder", "other", "excluded folder", "error"]


class Entry(NamedTuple):
    """What is at a path.

    `relative` leads there from the folder walked or from the glob's first pattern, with slashes
    on every system. `error` says of the kind "error" what is wrong.
    """

    path: str
    relative: str
    kind: Kind
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What of folders is entered and taken.

    Attributes
    ----------
    recursive : bool
        Whether `walk` enters folders in folders.
    include, exclude : tuple of str
        Patterns of `fnmatch`, case-sensitive: of names, or, with a slash in them, of relative
        paths. No folder that matches `exclude` is entered.
    skip_folder : Path or None
        A folder that is not even listed, however it is spelled.
    """

    recursive: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    skip_folder: Path | None = None

    def takes(self, relative: str) -> bool:
        """Whether the patterns take a file, by its relative path."""
        taken = not self.include or _matches(relative, self.include)
        return taken and not _matches(relative, self.exclude)


def kind_at(path: str) -> Literal["file", "folder", "other"] | None:
    """Say what is at a path, through links; None if nothing is or can be.

    Parameters
    ----------
    path : str
        Any text; what the disk refuses as a name has nothing there.
    """
    status = _status(Path(path))
    if status is None:
        return None
    if stat.S_ISDIR(status.st_mode):
        return "file" if _is_folder_picture(path) else "folder"
    return "file" if stat.S_ISREG(status.st_mode) else "other"


def is_stream(path: str) -> bool:
    """Whether a pipe or a device is at a path, through links: it can be read only once."""
    status = _status(Path(path))
    return status is not None and (stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode))


def walk(top: Entry, rules: Rules) -> Iterator[Entry]:
    """Yield what a folder holds, sorted by name, depth first.

    Parameters
    ----------
    top : Entry
        The folder. It is walked whatever the rules say of it.
    rules : Rules
        A folder in it is entered if they are recursive and it is neither excluded nor a link.

    Yields
    ------
    Entry
        Whatever is not entered, be it taken or not; no hidden names. A folder that cannot be
        listed is an entry of the kind "error", and one that is gone is empty.
    """
    waiting = _listed(top, rules)[::-1]
    while waiting:
        entry = waiting.pop()
        if entry.kind == "folder" and rules.recursive:
            waiting += reversed(_listed(entry, rules))
        else:
            yield entry


def follow(pattern: str, rules: Rules) -> list[Entry]:
    """Find what a glob matches.

    Parameters
    ----------
    pattern : str
        With ``*``, ``?``, ``[`` or ``**`` in it; ``**`` is folders at any depth, and at the end
        what is in them too. Hidden names match where a dot is written.
    rules : Rules
        Folders that are excluded are not entered, but those that are written out are. Links to
        folders are entered by every part but ``**``.

    Returns
    -------
    list of Entry
        Each once, sorted by path; folders too, and those not entered because they are excluded
        or cannot be listed.
    """
    parts = PurePath(pattern).parts
    first = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    places = [Entry(str(PurePath(*parts[:first])), "", "folder")]
    for part in (*parts[first:], *(["*"] if parts[-1] == "**" else [])):
        # A set, for several ** reach a folder by several ways.
        places = sorted({inner for place in places for inner in _step(place, part, rules)})
    return places


def _step(place: Entry, part: str, rules: Rules) -> Iterable[Entry]:
    """Go on from one place of a glob by one part of it."""
    if place.kind in ("excluded folder", "error"):
        return [place]
    if place.kind not in ("folder", "linked folder"):
        return []
    if part == "**":
        return _tree(place, rules)
    if glob.has_magic(part):
        inside = _listed(place, rules, hidden=part.startswith("."))
        return [e for e in inside if e.kind == "error" or fnmatch(PurePath(e.path).name, part)]
    path = str(PurePath(place.path, part))
    kind = kind_at(path)
    return [] if kind is None else [Entry(path, posixpath.join(place.relative, part), kind)]


def _tree(top: Entry, rules: Rules) -> Iterator[Entry]:
    """Yield a folder and all below it, and what keeps from entering some."""
    waiting = [top]
    while waiting:
        entry = waiting.pop()
        yield entry
        if entry.kind in ("folder", "linked folder"):
            inside = _listed(entry, rules)
            waiting += (e for e in inside if e.kind in ("folder", "excluded folder", "error"))


def _listed(folder: Entry, rules: Rules, *, hidden: bool = False) -> list[Entry]:
    """List a folder sorted by name, without the one to skip; an error is an entry too."""
    try:
        with os.scandir(folder.path) as entries:
            shown = [e for e in entries if hidden or not e.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return []
    except OSError as error:
        reason = f"{folder.path}: cannot list the folder: {error.strerror or error}"
        return [folder._replace(kind="error", error=reason)]
    skip = None if rules.skip_folder is None else _status(rules.skip_folder)
    listed = []
    for entry in sorted(shown, key=lambda entry: entry.name):
        relative = posixpath.join(folder.relative, entry.name)
        kind = _kind_of(entry)
        if kind in ("folder", "linked folder"):
            if skip is not None and _is_same(entry.path, skip):
                continue
            kind = "excluded folder" if _matches(relative, rules.exclude) else kind
        listed.append(Entry(str(PurePath(entry.path)), relative, kind))
    return listed


def _kind_of(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        kind = kind_at(entry.path)
        return "linked folder" if kind == "folder" else kind or "file"
    try:
        if entry.is_dir(follow_symlinks=False):
            return "file" if _is_folder_picture(entry.name) else "folder"
        return "file" if entry.is_file(follow_symlinks=False) else "other"
    except OSError:  # reading it will say so
        return "file"


def _is_folder_picture(path: str) -> bool:
    return PurePath(path).suffix.lower() == FOLDER_PICTURE


def _matches(relative: str, patterns: Iterable[str]) -> bool:
    name = posixpath.basename(relative)
    return any(fnmatchcase(relative if "/" in p else name, p) for p in patterns)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):
        return None


def _is_same(path: str, other: os.stat_result) -> bool:
    status = _status(Path(path))
    return status is not None and os.path.samestat(status, other)
