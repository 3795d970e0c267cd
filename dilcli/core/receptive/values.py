"""What layer text is made of: sizes, paddings, numbers and names; and where a fault stands."""

from __future__ import annotations

import re
from typing import NoReturn

from dilcli.core.receptive.checks import did_you_mean
from dilcli.core.receptive.layers import PADDING_RULES
from dilcli.core.receptive.reading import MAX_NUMBER, quoted
from dilcli.errors import LayerError

__all__ = [
    "BARE_NAME",
    "PADS",
    "SIZES",
    "read_name",
    "read_number",
    "read_rule",
    "read_sides",
    "read_sizes",
    "read_value",
    "refuse",
]

# Few and small expressions: they are compiled at each start.
SIZES = re.compile("[0-9]+(?:[xX][0-9]+)*")
PADS = re.compile("-?[0-9]+(?:[:xX]-?[0-9]+)*")
BARE_NAME = re.compile(r'[^\s,;()|#@"]+')
_QUOTED_NAME = r'"(?:[^"\\\n]|\\.)*"'
_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def refuse(text: str, at: int, wrong: str) -> NoReturn:
    """Raise what is wrong with a text, and where: its column, and its line if it has several.

    Raises
    ------
    LayerError
        Always.
    """
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    place = f"line {line}, column {column}" if "\n" in text.strip() else f"column {column}"
    raise LayerError(f"{place}: {wrong}")


def read_value(text: str, at: int, field: str, word: str) -> object:
    """Read what stands for one field of a layer, such as ``3x5`` for its kernel."""
    low = word.lower()
    if field in ("channels", "groups"):
        return read_number(text, at, word)
    if field == "mode":
        return low
    if field == "ceil_mode":
        if low not in _BOOLEANS:
            refuse(text, at, f"{field} is 1 or 0 (got {quoted(word)})")
        return _BOOLEANS[low]
    if field != "padding":
        return read_sizes(text, at, word)
    rule, end = read_rule(word, 0)
    return rule if rule and end == len(word) else read_sides(text, at, word)


def read_rule(text: str, at: int) -> tuple[str, int]:
    """Read a padding's name or its first letter, if one is there; also say where it ends."""
    low = text[at : at + 6].lower()
    for rule in PADDING_RULES:
        if low.startswith((rule, rule[0])):
            return rule, at + (len(rule) if low.startswith(rule) else 1)
    return "", at


def read_sizes(text: str, at: int, word: str) -> tuple[int, ...]:
    """Read one number for all axes, or one for each: ``3x5``."""
    if not SIZES.fullmatch(word):
        refuse(text, at, f"{quoted(word)} is no whole number, nor numbers for each axis as in 3x5")
    return tuple(read_number(text, at, number) for number in word.lower().split("x"))


def read_sides(text: str, at: int, word: str) -> tuple[tuple[int, int], ...]:
    """Read numbers before and after, for all axes or each: ``1:0x2:2``."""
    sides = [pair.split(":") for pair in word.lower().split("x")]
    if any(len(pair) > 2 or not all(map(_is_number, pair)) for pair in sides):
        hint = did_you_mean(word.lower(), PADDING_RULES)
        refuse(text, at, f"{quoted(word)} is no padding; write p1, p1:0 or p1x2{hint}")
    pairs = [[read_number(text, at, number) for number in pair] for pair in sides]
    return tuple((pair[0], pair[-1]) for pair in pairs)


def _is_number(word: str) -> bool:
    digits = word.removeprefix("-")
    return digits.isascii() and digits.isdigit()


def read_number(text: str, at: int, word: str) -> int:
    """Read a whole number of at most nine digits."""
    if not _is_number(word):
        refuse(text, at, f"{quoted(word)} is no whole number")
    if len(word.removeprefix("-")) > len(str(MAX_NUMBER)):
        refuse(text, at, f"{quoted(word)}: numbers have at most 9 digits")
    return int(word)


def read_name(text: str, at: int) -> tuple[str, int]:
    """Read a name, in quotes or without; also say where it ends."""
    quotes = text.startswith('"', at)
    match = (re.compile(_QUOTED_NAME) if quotes else BARE_NAME).match(text, at)
    if match is None:
        refuse(text, at, 'a name is missing, or a " is not closed')
    name = match[0]
    if quotes:
        import json

        try:
            name = json.loads(name)
        except ValueError:
            refuse(text, at, f'{quoted(name)} is no name; inside quotes write \\" and \\\\')
    if not name or not name.isprintable():
        refuse(text, at, f"{quoted(name)} is no name; it needs characters that can be printed")
    return name, match.end()
