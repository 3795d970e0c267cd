"""Kernel files: rows of weights from .txt, .csv, .npy, .json and vips .mat."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

from dilcli.errors import KernelError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EXTENSIONS", "read_weights"]

Rows = tuple[tuple[float, ...], ...]

#: A table this large is a picture, taken for a kernel by mistake.
_MAX_WEIGHTS = 2**20
_MAX_BYTES = 64 * 2**20


def read_weights(path: Path) -> Rows:
    """Read a table of weights.

    ======  =======================================================================================
    .txt    a row a line; blanks, tabs or commas between values; ``;`` also ends a row;
            ``#`` begins a comment; fractions such as 1/16
    .csv    the same, but ``;`` stands between values, as spreadsheets write it
    .npy    a 1-D (one row) or 2-D array of bool, integers or floats; nothing pickled
    .json   ``[[1, 2], [3, 4]]``, ``[1, 2]`` (one row), or ``{"weights": ...}``
    .mat    vips: a line ``width height [scale [offset]]``, then the rows; weights are divided by
            the scale, an offset must be 0
    ======  =======================================================================================

    Parameters
    ----------
    path : Path
        The extension decides, in any case of letters.

    Returns
    -------
    tuple of tuple of float
        Rows x columns, rectangular and finite.

    Raises
    ------
    KernelError
        If the file is missing, of another kind, or holds no such table. One line that names the
        file and, in text, the line.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        kind = f"ends in {path.suffix!r}" if path.suffix else "has no extension"
        raise KernelError(f"kernel file {path} {kind}; known are {', '.join(EXTENSIONS)}")
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            _refuse(path, f"has {size} bytes, too many for a kernel")
        rows = reader(path)
    except OSError as error:
        raise KernelError(f"kernel file {path}: {error.strerror or error}") from error
    for number, row in enumerate(rows, start=1):
        for column, weight in enumerate(row, start=1):
            if not math.isfinite(weight):
                _refuse(
                    path,
                    f"weight {weight} in row {number}, column {column} is not finite; "
                    f"weights are finite numbers",
                )
    return rows


def _refuse(path: Path, wrong: str) -> NoReturn:
    raise KernelError(f"kernel file {path}: {wrong}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        _refuse(path, "is not text")


def _lines(path: Path, between: str) -> list[tuple[int, list[str]]]:
    """Cut a text file into lines of words, each with its number; comments and blanks drop out."""
    lines = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        words = re.sub(f"[{between}]", " ", line.partition("#")[0]).split()
        if words:
            lines.append((number, words))
    return lines


def _read_txt(path: Path) -> Rows:
    lines = []
    for number, words in _lines(path, ","):
        for row in " ".join(words).split(";"):
            if row.strip():
                lines.append((number, row.split()))
    return _table(path, lines)


def _read_csv(path: Path) -> Rows:
    return _table(path, _lines(path, ",;"))


def _table(path: Path, lines: list[tuple[int, list[str]]]) -> Rows:
    if not lines:
        _refuse(path, "has no weights; write a row of numbers a line")
    first, words = lines[0]
    for number, row in lines:
        if len(row) != len(words):
            _refuse(
                path,
                f"line {number} has a row of {len(row)}, line {first} one of {len(words)}; "
                f"rows must be equally long",
            )
    if len(lines) * len(words) > _MAX_WEIGHTS:
        _refuse_size(path, len(lines), len(words))
    return tuple(tuple(_number(path, number, word) for word in row) for number, row in lines)


def _number(path: Path, line: int, word: str) -> float:
    top, slash, bottom = word.partition("/")
    try:
        return float(top) / float(bottom) if slash else float(word)
    except ValueError:
        _refuse(path, f"line {line}: {word!r} is not a number (write 3, -2.5, 1e-3 or 1/16)")
    except ZeroDivisionError:
        _refuse(path, f"line {line}: {word!r} divides by zero")


def _refuse_size(path: Path, rows: int, columns: int) -> NoReturn:
    _refuse(path, f"{rows} x {columns} values are too many for a kernel (at most {_MAX_WEIGHTS})")


def _read_npy(path: Path) -> Rows:
    import numpy as np

    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        _refuse(path, f"is not a .npy array of numbers ({str(error).splitlines()[0]})")
    if array.dtype.kind not in "biuf":
        _refuse(path, f"holds {array.dtype}; weights are real numbers")
    if array.ndim not in (1, 2) or array.size == 0:
        _refuse(path, f"has shape {array.shape}; wanted (columns,) or (rows, columns)")
    table = np.atleast_2d(array)
    if table.size > _MAX_WEIGHTS:
        _refuse_size(path, *table.shape)
    return tuple(map(tuple, table.astype(np.float64).tolist()))


def _read_json(path: Path) -> Rows:
    import json

    try:
        value = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        _refuse(path, f"is not JSON ({error})")
    if isinstance(value, dict):
        if "weights" not in value:
            _refuse(path, 'has no key "weights"')
        value = value["weights"]
    rows = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or not row or not all(map(_is_number, row)):
            _refuse(path, f"row {number} is not a list of numbers; wanted [[1, 2], [3, 4]]")
        if len(row) != len(rows[0]):
            _refuse(
                path,
                f"row {number} has a length of {len(row)}, row 1 one of {len(rows[0])}; "
                f"rows must be equally long",
            )
    if len(rows) * len(rows[0]) > _MAX_WEIGHTS:
        _refuse_size(path, len(rows), len(rows[0]))
    try:
        return tuple(tuple(map(float, row)) for row in rows)
    except OverflowError:
        _refuse(path, "a weight is beyond what a float holds")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_mat(path: Path) -> Rows:
    with path.open("rb") as file:
        if file.read(6) == b"MATLAB":
            _refuse(path, "is a MATLAB file; only vips matrices (text) are read; save it as .npy")
    lines = _lines(path, ",;\"'")
    if not lines:
        _refuse(path, "is empty; a vips matrix begins with its width and height")
    number, words = lines[0]
    header = [_number(path, number, word) for word in words]
    if len(header) not in (2, 3, 4):
        _refuse(path, f"line {number} has {len(header)} values; wanted width height [scale offset]")
    width, height, scale, offset = [*header, 1.0, 0.0] if len(header) == 2 else [*header, 0.0][:4]
    if offset:
        _refuse(path, f"has the offset {offset:g}; set it to 0 and give --bias {offset:g} instead")
    if scale == 0 or not math.isfinite(scale):
        _refuse(path, f"has the scale {scale:g}; weights are divided by it, so it must not be 0")
    rows = _table(path, lines[1:])
    if (len(rows[0]), len(rows)) != (width, height):
        _refuse(
            path,
            f"says {width:g} wide and {height:g} high, "
            f"but is {len(rows[0])} wide and {len(rows)} high",
        )
    return tuple(tuple(weight / scale for weight in row) for row in rows)


_READERS = {
    ".txt": _read_txt,
    ".csv": _read_csv,
    ".npy": _read_npy,
    ".json": _read_json,
    ".mat": _read_mat,
}

#: What a kernel file's name may end in.
EXTENSIONS = tuple(_READERS)
