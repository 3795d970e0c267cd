"""The grammar of a kernel written in line, such as ``"1 2 1; 2 4 2; 1 2 1 / 16"``.

::

    kernel := row { (";" | newline) row } [ scale ]
    row    := value { (blanks | ",") value }
    value  := decimal | decimal "/" decimal            no blanks inside: 1/16, -2.5, 1e-3
    scale  := ("/" | "*") value                        after a blank, at the very end

So the blank before a slash decides: in ``1 2 1 / 16`` (or ``1 2 1 /16``) the whole kernel is
divided by 16, in ``1 2 1/16`` only the last weight is a fraction. Values are exact fractions
until the end, where each weight is rounded to a float once.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from dilcli.errors import KernelError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Rows", "checked_rows", "parse_number", "parse_rows"]

Rows: TypeAlias = tuple[tuple[float, ...], ...]
Piece: TypeAlias = tuple[int, str]

_PIECE = re.compile(r"[;,\n]|[^\s;,]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)

#: A float has no use for more digits; an exact power like 10**999999999 would never end.
_MAX_EXPONENT = 400
_MAX_LENGTH = 400


def checked_rows(weights: Iterable[Iterable[float]], name: str) -> Rows:
    """Make rows of floats out of any nested numbers, or say why they are no kernel.

    Parameters
    ----------
    weights : iterable of iterable of float
        Rows x columns. Negative zeros become plain ones.
    name : str
        What messages call the kernel.

    Raises
    ------
    KernelError
        If there are no weights, the rows differ in length, or a weight is not finite.
    """
    rows = tuple(tuple(float(weight) + 0.0 for weight in row) for row in weights)
    if not rows or not rows[0]:
        raise KernelError(f"kernel {name!r} has no weights; it needs at least one")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise KernelError(
                f"kernel {name!r}: row {number} has {_count(len(row))}, row 1 has {len(rows[0])}; "
                f"rows must be equally long"
            )
        for column, weight in enumerate(row, start=1):
            if not math.isfinite(weight):
                raise KernelError(
                    f"kernel {name!r}: weight {weight} in row {number}, column {column} is not "
                    f"finite; weights are finite numbers"
                )
    return rows


def parse_number(word: str) -> Fraction:
    """Read a decimal (``-2.5``, ``1e-3``) or a fraction of two (``1/16``), exactly.

    Parameters
    ----------
    word : str
        No blanks.

    Returns
    -------
    Fraction

    Raises
    ------
    ValueError
        Says what is wrong with the word, as the rest of a sentence that begins with it.
    """
    top, slash, bottom = word.partition("/")
    value = _decimal(top)
    if not slash:
        return value
    divisor = _decimal(bottom)
    if divisor == 0:
        raise ValueError("divides by zero")
    return value / divisor


def _decimal(word: str) -> Fraction:
    if _NOT_FINITE.fullmatch(word):
        raise ValueError("is not finite, and weights are finite numbers")
    match = _DECIMAL.fullmatch(word)
    if match is None:
        raise ValueError("is not a number (write 3, -2.5, 1e-3 or 1/16)")
    exponent = match[1]
    if len(word) > _MAX_LENGTH or (exponent and abs(int(exponent)) > _MAX_EXPONENT):
        raise ValueError("is beyond what a float holds")
    return Fraction(word)


def parse_rows(text: str) -> Rows:
    """Turn in-line kernel text into rows of weights.

    Parameters
    ----------
    text : str
        See the grammar above.

    Returns
    -------
    tuple of tuple of float
        Rows x columns, rectangular and finite.

    Raises
    ------
    KernelError
        One line that names the text, the place (column from 1; line too if there are several)
        and what would be right.

    Examples
    --------
    >>> parse_rows("1 2 1 / 4")
    ((0.25, 0.5, 0.25),)
    >>> parse_rows("0, 1; -1/2, 0")
    ((0.0, 1.0), (-0.5, 0.0))
    """
    pieces: list[Piece] = [(match.start(), match[0]) for match in _PIECE.finditer(text)]
    end = next((n for n, (_, word) in enumerate(pieces) if word[0] in "/*"), len(pieces))
    factor = _scale(text, pieces[end:])
    rows = [_values(text, row) for row in _split_rows(text, pieces[:end])]
    if not rows:
        raise KernelError(f'kernel {_quoted(text)} has no weights; write rows like "1 2 1; 2 4 2"')
    width = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            place = _place(text, row[0][0])
            raise KernelError(
                f"kernel row {number} has {_count(len(row))}, row 1 has {width}: "
                f"{_quoted(text)} (row {number} begins at {place})"
            )
    return tuple(tuple(_rounded(text, at, value * factor) for at, value in row) for row in rows)


def _scale(text: str, pieces: list[Piece]) -> Fraction:
    """Read what follows the weights: nothing, or one ``/ value`` or ``* value``."""
    words = [piece for piece in pieces if piece[1] != "\n"]
    if not words:
        return Fraction(1)
    at, first = words[0]
    operator = first[0]
    if len(first) > 1:
        words[:1] = [(at, operator), (at + 1, first[1:])]
    if len(words) == 1:
        raise _error(text, at, operator, "wants a number after it, as in / 16")
    if len(words) > 2:
        raise _error(
            text, at, operator, "scales the whole kernel, so one value and the end must follow; "
            "a single weight's fraction has no blanks: 1/16"
        )  # fmt: skip
    value = _number(text, words[1])
    if operator == "*":
        return value
    if value == 0:
        raise _error(text, *words[1], "divides by zero")
    return 1 / value


def _split_rows(text: str, pieces: list[Piece]) -> list[list[Piece]]:
    """Cut at ``;`` and newlines; blank lines and one closing ``;`` mean nothing."""
    rows: list[list[Piece]] = [[]]
    opened_by = ";"
    for at, word in pieces:
        if word == ";" and not rows[-1] and opened_by == ";":
            raise _error(text, at, word, "closes an empty row")
        if word in ";\n":
            if rows[-1]:
                rows.append([])
                opened_by = word
            elif word == ";":
                opened_by = word
        else:
            rows[-1].append((at, word))
    return [row for row in rows if row]


def _values(text: str, row: list[Piece]) -> list[tuple[int, Fraction]]:
    """Read one row; a comma stands between two values or not at all."""
    values = []
    wanted = False
    for number, (at, word) in enumerate(row):
        if word != ",":
            values.append((at, _number(text, (at, word))))
            wanted = False
        elif wanted or number in (0, len(row) - 1):
            raise _error(text, at, word, "has no value on one side")
        else:
            wanted = True
    return values


def _number(text: str, piece: Piece) -> Fraction:
    at, word = piece
    try:
        return parse_number(word)
    except ValueError as error:
        raise _error(text, at, word, str(error)) from None


def _rounded(text: str, at: int, value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        raise _error(text, at, "the weight", "is beyond what a float holds") from None


def _error(text: str, at: int, word: str, wrong: str) -> KernelError:
    word = word if word == "the weight" else _quoted(word)
    return KernelError(f"kernel {_quoted(text)}: {word} at {_place(text, at)} {wrong}")


def _place(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"line {line}, column {column}" if "\n" in text.strip() else f"column {column}"


def _quoted(text: str, limit: int = 60) -> str:
    return repr(text if len(text) <= limit else text[: limit - 3] + "...")


def _count(values: int) -> str:
    return f"{values} value" if values == 1 else f"{values} values"
