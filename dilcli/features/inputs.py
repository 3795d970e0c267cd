"""What ``apply`` is going to read: files, folders, globs and lists of names become sources."""

from __future__ import annotations

import glob
import os
import posixpath
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal

from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.outputs import Source
from dilcli.files import FORMATS, STDIN, folders, identities
from dilcli.files.records import Source as PictureFile
from dilcli.files.sniff import sniff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Found", "find_inputs", "names_in_list"]

_Fate = Literal["input", "passed over", "excluded", "not entered"]

_EXTENSIONS = {e for format_ in FORMATS.values() for e in format_.extensions}


@dataclass(frozen=True, slots=True)
class Found:
    """The inputs that words stand for.

    Attributes
    ----------
    sources : tuple of Source
        Each file once, in order. What cannot be found or listed is a Source with an error.
    passed_over : int
        What lies in folders and is no picture; hidden names are not counted.
    excluded : int
        What patterns took away; a folder that was not entered for one counts once.
    not_entered : int
        Folders in folders, where the search is not recursive.
    repeated : int
        What was reached more than once, under another name or by another word.
    """

    sources: tuple[Source, ...]
    passed_over: int = 0
    excluded: int = 0
    not_entered: int = 0
    repeated: int = 0


def find_inputs(
    words: Iterable[str],
    names: Iterable[str] = (),
    *,
    recursive: bool = False,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    skip_folder: Path | None = None,
    standard_input: bytes | None = None,
) -> Found:
    """Find the inputs that words stand for.

    A word is the first of these that it can be: ``-``; a file or folder of this name;
    ``@list.txt``, a file of names one a line; a glob (``*``, ``?``, ``[``, ``**`` for folders at
    any depth); the name of a file that is missing. A folder stands for the pictures in it, by
    extension or, without one, by content, sorted by name. A glob stands for the files that match,
    sorted, or for the folders if only folders do. Links to folders are followed where they are
    named, or matched by another part of a glob than ``**``.

    Parameters
    ----------
    words : iterable of str
        As on the command line.
    names : iterable of str
        Names of files and folders, taken literally after the words, as those in lists are: there
        ``-``, ``@list.txt`` and globs mean nothing. See `names_in_list`.
    recursive : bool, default False
        Whether folders in folders are entered, depth first.
    include, exclude : iterable of str
        Patterns of `fnmatch` for what is taken and what is not, case-sensitive: of names, or,
        with a slash, of paths from the folder or the glob's first part on; of a path as it was
        given where a file is named. A folder that matches `exclude` is not entered.
    skip_folder : Path, optional
        A folder that is not entered, unless it is named.
    standard_input : bytes, optional
        The content of ``-``. Pipes and devices that are named are read here, for they cannot be
        read twice.

    Returns
    -------
    Found

    Raises
    ------
    ArgumentError
        If a word is empty or a list cannot be read, and for ``-`` without its content.
    """
    without = tuple(pattern.rstrip("/") for pattern in exclude)
    rules = folders.Rules(recursive, tuple(include), without, skip_folder)
    identity = identities()
    kept: dict[str, Source] = {}
    repeated = 0
    left: dict[_Fate, set[str]] = {"passed over": set(), "excluded": set(), "not entered": set()}
    for fate, source in _items(words, names, rules):
        key = STDIN if source.name == STDIN else identity(Path(source.name))
        if fate != "input":
            left[fate].add(key)
        elif key in kept:
            repeated += 1
        else:
            kept[key] = _read_once(source, standard_input)
    passed_over, excluded, not_entered = (len(keys - kept.keys()) for keys in left.values())
    return Found(tuple(kept.values()), passed_over, excluded, not_entered, repeated)


def names_in_list(data: bytes, *, null: bool = False, title: str = "list of inputs") -> list[str]:
    """Take the names out of a list.

    Parameters
    ----------
    data : bytes
        Names one a line, in the file system's encoding or in none. Blank lines say nothing.
    null : bool, default False
        Names end with a NUL instead, as ``find -print0`` writes them.
    title : str
        What an error calls the list.

    Returns
    -------
    list of str
        Names as `os.fsdecode` gives them, for `find_inputs`.

    Raises
    ------
    ArgumentError
        If there is a NUL in lines.
    """
    if null:
        return [os.fsdecode(name) for name in data.split(b"\0") if name]
    if b"\0" in data:
        raise ArgumentError(f"{title}: a line holds a NUL; --null reads names that end with one")
    lines = (line.removesuffix(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    return [os.fsdecode(line) for line in lines if line.strip()]


def _items(
    words: Iterable[str], names: Iterable[str], rules: folders.Rules
) -> Iterator[tuple[_Fate, Source]]:
    for word in words:
        kind = folders.kind_at(word)
        if word == STDIN:
            yield "input", Source(word)
        elif kind is None and word.startswith("@"):
            for name in _read_list(word):
                yield from _named(name, folders.kind_at(name), rules)
        elif kind is None and glob.has_magic(word):
            yield from _matching(word, rules)
        else:
            yield from _named(word, kind, rules)
    for name in names:
        yield from _named(name, folders.kind_at(name), rules)


def _read_list(word: str) -> list[str]:
    title = f"list of inputs {word}"
    try:
        data = Path(word[1:]).read_bytes()
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{title}: {_reason(error)}") from None
    return names_in_list(data, title=title)


def _named(
    name: str, kind: folders.Kind | None, rules: folders.Rules
) -> Iterator[tuple[_Fate, Source]]:
    if not name:
        raise ArgumentError("the name of an input is empty")
    if kind == "folder":
        for entry in folders.walk(folders.Entry(str(Path(name)), "", kind), rules):
            yield _item(entry, rules, found=True)
        return
    fate, source = _item(folders.Entry(name, PurePath(name).as_posix(), kind or "file"), rules)
    yield fate, replace(source, subfolder="")


def _matching(word: str, rules: folders.Rules) -> Iterator[tuple[_Fate, Source]]:
    places = folders.follow(word, rules)
    if not places:
        yield "input", Source(word, error=f"no file matches {word!r}")
    only_folders = not any(place.kind in ("file", "other") for place in places)
    for place in places:
        if place.kind not in ("folder", "linked folder"):
            yield _item(place, rules)
        elif only_folders:
            for entry in folders.walk(place, rules):
                yield _item(entry, rules, found=True)


def _item(
    entry: folders.Entry, rules: folders.Rules, *, found: bool = False
) -> tuple[_Fate, Source]:
    # A file that is called so is not standard input.
    name = f".{os.sep}{STDIN}" if entry.path == STDIN else entry.path
    parent = posixpath.normpath(posixpath.dirname(entry.relative))
    subfolder = "" if parent.split("/")[0] in (".", "..") else parent
    source = Source(name, subfolder=subfolder, error=entry.error, found=found)
    return _fate(entry, rules, found), source


def _fate(entry: folders.Entry, rules: folders.Rules, found: bool) -> _Fate:
    if entry.kind == "error":
        return "input"
    if entry.kind == "excluded folder":
        return "excluded"
    if entry.kind == "folder":
        return "not entered"
    extension = PurePath(entry.path).suffix.lower()
    if found and (entry.kind != "file" or (extension and extension not in _EXTENSIONS)):
        return "passed over"
    if not rules.takes(entry.relative):
        return "excluded"
    return "passed over" if found and not extension and not _is_picture(entry.path) else "input"


def _is_picture(path: str) -> bool:
    try:
        return bool(sniff(PictureFile(path, path=Path(path))))
    except (ImageFileError, OSError):
        return False


def _read_once(source: Source, standard_input: bytes | None) -> Source:
    """Read what cannot be read twice."""
    if source.name == STDIN:
        if standard_input is None:
            raise ArgumentError("- stands for standard input, which is not at hand")
        return replace(source, data=standard_input)
    if source.found or source.error or not folders.is_stream(source.name):
        return source
    try:
        return replace(source, data=Path(source.name).read_bytes())
    except OSError as error:
        return replace(source, error=f"{source.name}: {_reason(error)}")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
