"""The parameters of named kernels: how each is typed, what it may be, what it is when left out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dilcli.core.kernel_text import parse_number

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Parameter",
    "number",
    "one_of",
    "optional",
    "pair_of_positives",
    "positive",
    "size",
    "whole",
]

#: Taps on one axis, and sigmas or radii in pixels: more is a slip of the keyboard.
_MAX_SIZE = 4096
_MAX_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a named kernel.

    Attributes
    ----------
    name : str
        As typed before the ``=``.
    default : str
        As it could be typed; ``auto`` where the kernel derives it from the others.
    read : callable
        From the typed text to the value; ValueError says what would be right.
    """

    name: str
    default: str
    read: Callable[[str], Any]


def number(text: str) -> float:
    """Read a decimal or a fraction."""
    try:
        return float(parse_number(text))
    except (ValueError, OverflowError):
        raise ValueError("must be a number") from None


def positive(text: str) -> float:
    """Read a number above 0 and up to 4096."""
    value = number(text)
    if not 0 < value <= _MAX_LENGTH:
        raise ValueError(f"must be greater than 0 and at most {_MAX_LENGTH}")
    return value


def pair_of_positives(text: str) -> tuple[float, float]:
    """Read one number for both axes, or rows x columns (``1.5x3``)."""
    first, joined, second = text.partition("x")
    return positive(first), positive(second if joined else first)


def whole(low: int, high: int = _MAX_SIZE) -> Callable[[str], int]:
    """Make a reader of whole numbers in a range, both ends included."""

    def read(text: str) -> int:
        try:
            value = Fraction(number(text))
        except ValueError:
            value = Fraction(1, 2)
        if value.denominator != 1 or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return read


def size(text: str) -> tuple[int, int]:
    """Read one size for both axes, or rows x columns (``5x7``)."""
    read = whole(1)
    first, joined, second = text.partition("x")
    try:
        return read(first), read(second if joined else first)
    except ValueError as error:
        raise ValueError(f"{error}, or two of them as in 5x7 (rows x columns)") from None


def optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Let a reader take ``auto`` too, which leaves the choice to the kernel."""

    def read_or_leave(text: str) -> Any:
        if text == "auto":
            return None
        try:
            return read(text)
        except ValueError as error:
            raise ValueError(f"{error}, or auto") from None

    return read_or_leave


def one_of(*choices: int) -> Callable[[str], int]:
    """Make a reader of one of a few whole numbers."""

    def read(text: str) -> int:
        if text not in map(str, choices):
            raise ValueError(f"must be {' or '.join(map(str, choices))}")
        return int(text)

    return read
