"""Names of outputs: templates, and the outputs that would collide."""

from __future__ import annotations

import os
import string
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError
from dilcli.files.identity import identities

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "DEFAULT_TEMPLATE",
    "FIELDS",
    "FOLDER_PICTURE",
    "STDIN",
    "check_outputs",
    "dilation_text",
    "expand",
    "output_path",
    "source_fields",
]

#: What stands for standard input among the inputs, and for standard output among the outputs.
STDIN = "-"

#: The extension of the folders that are pictures themselves.
FOLDER_PICTURE = ".zarr"

#: Beside the input when neither a template nor a folder is given.
DEFAULT_TEMPLATE = "{stem}_{kernel}_d{dilation}{ext}"

#: Every field that a template may use, and what it becomes.
FIELDS = {
    "stem": "the input's name without its extension (stdin for -)",
    "name": "the input's name with its extension",
    "ext": "the extension with its dot",
    "parent": "the input's folder",
    "index": "the input's place among the inputs, from 0",
    "frame": "the frame's number, from 0",
    "kernel": "the kernel's bare name, its file's stem, or custom",
    "dilation": "2, 2x3, or 1-2-4 for combined rates",
    "plane": "the plane of an à trous transform",
}


def dilation_text(dilations: Sequence[tuple[int, int]]) -> str:
    """Write dilations as names hold them.

    Examples
    --------
    >>> dilation_text([(2, 2)]), dilation_text([(2, 3)]), dilation_text([(1, 1), (2, 2), (4, 4)])
    ('2', '2x3', '1-2-4')
    """
    return "-".join(str(y) if y == x else f"{y}x{x}" for y, x in dilations)


def source_fields(source: str, index: int, ext: str | None = None) -> dict[str, str | int]:
    """Give the fields that an input decides.

    Parameters
    ----------
    source : str
        Its path, or ``-``.
    index : int
        Its place among the inputs, from 0.
    ext : str, optional
        Another extension with its dot, where the output's format differs or the input has none.
    """
    path = Path("stdin") if source == STDIN else Path(source)
    ext = path.suffix if ext is None else ext
    return {
        "stem": path.stem,
        "name": path.stem + ext,
        "ext": ext,
        "parent": str(path.parent),
        "index": index,
    }


def expand(template: str, fields: Mapping[str, str | int]) -> str:
    """Fill in a template's fields.

    Parameters
    ----------
    template : str
        Fields in braces, with a format if wanted (``{index:03d}``); ``{{`` is a brace.
    fields : mapping of str to str or int
        Those of `FIELDS` that have a value here.

    Raises
    ------
    ArgumentError
        For an unknown field, one that has no value here, or broken braces.

    Examples
    --------
    >>> expand("{stem}_{index:02d}{ext}", {"stem": "a", "index": 7, "ext": ".png"})
    'a_07.png'
    """
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ArgumentError(f"output template {template!r}: {error}") from None
    text = ""
    for literal, name, layout, conversion in pieces:
        text += literal
        if name is None:
            continue
        if conversion or name not in FIELDS:
            raise ArgumentError(_unknown(template, f"{name}!{conversion}" if conversion else name))
        if name not in fields:
            raise ArgumentError(f"output template {template!r}: {{{name}}} has no value here")
        try:
            text += format(fields[name], layout or "")
        except ValueError as error:
            raise ArgumentError(
                f"output template {template!r}: {{{name}:{layout}}}: {error}"
            ) from None
    return text


def _unknown(template: str, name: str) -> str:
    close = get_close_matches(name, FIELDS, n=1)
    hint = f"; did you mean {{{close[0]}}}?" if close else ""
    known = " ".join(f"{{{field}}}" for field in FIELDS)
    return f"output template {template!r} has an unknown field {{{name}}}{hint} (known: {known})"


def output_path(
    source: str,
    fields: Mapping[str, str | int],
    template: str | None = None,
    folder: Path | None = None,
    subfolder: str = "",
    *,
    default: str = DEFAULT_TEMPLATE,
) -> Path:
    """Say where one result goes. Missing folders are not made here, but by the writer.

    Parameters
    ----------
    source : str
        The input's path, or ``-``.
    fields : mapping of str to str or int
        Values for the template.
    template : str, optional
        A path or template; relative to `folder` if that is given. Default: `default`,
        beside the input (in the current folder for ``-``). ``-`` is standard output,
        and comes back as ``Path("-")``.
    folder : Path, optional
        The output folder.
    subfolder : str, optional
        Where in the output folder, and of no effect without one.
    default : str, optional
        What names are made of without a template.

    Raises
    ------
    ArgumentError
        If the result is a folder, stands outside the output folder, or template and folder
        contradict each other.
    """
    if template == STDIN:
        if folder is not None:
            raise ArgumentError(f"-o - writes to standard output, so --output-dir {folder} is void")
        return Path(STDIN)
    text = expand(default if template is None else template, fields)
    if "\0" in text or not text:
        raise ArgumentError(f"output {text!r} is not a file name")
    if folder is not None and Path(text).is_absolute():
        raise ArgumentError(
            f"output {text} is absolute, so --output-dir {folder} is void; drop one"
        )
    if folder is not None:
        inside = os.path.normpath(Path(subfolder, text))
        if Path(inside).is_absolute() or Path(inside).parts[:1] == ("..",):
            raise ArgumentError(f"output {Path(subfolder, text)} leaves --output-dir {folder}")
        path = folder / subfolder / text
    else:
        beside = template is None and source != STDIN
        path = (Path(source).parent if beside else Path()) / text
    if text.endswith(("/", os.sep)) or _is_folder(path):
        raise ArgumentError(f"output {text} is a folder; name a file, or use --output-dir {text}")
    return path


def _is_folder(path: Path) -> bool:
    try:
        return path.suffix.lower() != FOLDER_PICTURE and path.is_dir()
    except OSError:  # a name too long, or a folder closed to us: the writer will say so
        return False


def check_outputs(
    results: Iterable[tuple[str, Path]], sources: Iterable[str], *, overwrite: bool = False
) -> None:
    """Refuse outputs that would destroy one another or an input, before any work.

    Paths are compared as the disk sees them: through symbolic links and ``..``, and without
    regard to case where the file system has none.

    Parameters
    ----------
    results : iterable of (str, Path)
        Each result's input and its output.
    sources : iterable of str
        All inputs.
    overwrite : bool
        Allows an output to replace its own input, never another one.

    Raises
    ------
    ArgumentError
        Names both parties.
    """
    identity = identities()
    inputs = {identity(Path(source)): source for source in sources if source != STDIN}
    taken: dict[str, str] = {}
    for source, path in results:
        key = STDIN if str(path) == STDIN else identity(path)
        if key in taken:
            where = "standard output" if key == STDIN else str(path)
            raise ArgumentError(_collision(taken[key], source, where))
        taken[key] = source
        if key in inputs:
            if identity(Path(source)) != identity(Path(inputs[key])):
                raise ArgumentError(
                    f"{source} would be written over {path}, which is an input too; "
                    "leave that out with --exclude, or write elsewhere with -o or --output-dir"
                )
            if not overwrite:
                raise ArgumentError(
                    f"{source} would be written over itself; allow it with --overwrite"
                )


def _collision(first: str, second: str, where: str) -> str:
    if where == "standard output":
        return (
            f"{first} and {second} would both write standard output; "
            "name files with -o, or use --output-dir"
        )
    if first == second:
        who, fields = f"two results of {first}", "{dilation} or {frame}"
    else:
        who, fields = f"{first} and {second}", "{parent}, {stem} or {index}"
    return f"{who} would both write {where}; tell them apart in -o with {fields}"
