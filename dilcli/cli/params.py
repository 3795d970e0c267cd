"""Texts of the command line that become values at its border."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from dilcli.core.boundary import boundary_name
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel
    from dilcli.features.outputs import Selector

__all__ = [
    "BoundaryParam",
    "FormatParam",
    "FramesParam",
    "KernelParam",
    "NumbersParam",
    "OriginParam",
    "PairListParam",
    "PairParam",
    "SizeParam",
    "WordParam",
]

Pair = tuple[int, int]


def _pair(text: str) -> Pair:
    found = re.fullmatch(r"\s*([+-]?\d+)(?:x([+-]?\d+))?\s*", text)
    if not found:
        raise ArgumentError(f"{text!r} is not a whole number, nor two joined by x (rows x columns)")
    rows = int(found[1])
    return rows, rows if found[2] is None else int(found[2])


class PairParam(click.ParamType[Pair]):
    """``2`` or ``2x3``, rows x columns."""

    name = "N[xM]"

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Pair:
        """Read one pair."""
        if isinstance(value, tuple):
            return value
        try:
            pair = _pair(value)
        except ArgumentError as error:
            self.fail(str(error), param, ctx)
        if min(pair) < self.least:
            self.fail(f"must be >= {self.least} (got {value})", param, ctx)
        return pair


class PairListParam(click.ParamType[tuple[Pair, ...]]):
    """``1,2,4`` or ``2x3``: one pair a run.

    `holes` counts gaps between taps instead of distances, and gives distances.
    """

    name = "N[xM],..."

    def __init__(self, *, holes: bool = False) -> None:
        self.holes = holes

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Pair, ...]:
        """Read pairs that are separated by commas."""
        if isinstance(value, tuple):
            return value
        try:
            pairs = tuple(_pair(item) for item in value.split(","))
        except ArgumentError as error:
            self.fail(str(error), param, ctx)
        if self.holes:
            pairs = tuple((rows + 1, columns + 1) for rows, columns in pairs)
        if min(map(min, pairs)) < 1:
            self.fail(
                f"holes must be >= 0 (got {value}); 0 means dense, and --holes N is --dilation N+1"
                if self.holes
                else f"dilation must be >= 1 (got {value}). Here dilation is the distance between "
                "taps: 1 means dense, no holes. Where dilation counts the holes, 0 means dense: "
                "say that as --holes 0",
                param,
                ctx,
            )
        return pairs


class OriginParam(click.ParamType[Pair]):
    """``1,2``: row, column."""

    name = "Y,X"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Pair:
        """Read a position."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"\s*(\d+)\s*,\s*(\d+)\s*", value)
        if not found:
            self.fail(f"{value!r} is not a position Y,X such as 1,1", param, ctx)
        return int(found[1]), int(found[2])


class KernelParam(click.ParamType["Kernel"]):
    """The text of a kernel."""

    name = "SPEC"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Kernel:
        """Read a kernel from its name, weights in line, or a file."""
        from dilcli.features.kernel_spec import load_kernel

        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # click hands a default through again
        try:
            return load_kernel(value)
        except (KernelError, ArgumentError) as error:
            self.fail(str(error), param, ctx)


class BoundaryParam(click.ParamType["Boundary"]):
    """The name of a boundary, or an alias."""

    name = "MODE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Boundary:
        """Read a boundary's name."""
        try:
            return boundary_name(value)
        except ArgumentError as error:
            self.fail(str(error), param, ctx)


class SizeParam(click.ParamType[int]):
    """``512MB``, ``2GiB``, ``1.5G``: bytes, in powers of 1000, or of 1024 with an i."""

    name = "SIZE"
    _POWERS = " KMGT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number of bytes."""
        from fractions import Fraction

        if isinstance(value, int):
            return value
        number = r"\d{1,20}(?:\.\d{1,20})?"
        found = re.fullmatch(rf"\s*({number})\s*([KMGT]?)(I?)B?\s*", value.upper())
        if not found or (found[3] and not found[2]):
            self.fail(f"{value!r} is not a size such as 512MB, 2GiB or 4000000000", param, ctx)
        unit = (1024 if found[3] else 1000) ** self._POWERS.index(found[2] or " ")
        size = int(Fraction(found[1]) * unit)
        if size < 1:
            self.fail(f"must be at least 1 byte (got {value})", param, ctx)
        return size


class WordParam(click.ParamType[str]):
    """One of some words; a mistyped one gets the nearest named."""

    def __init__(self, words: Sequence[str], name: str) -> None:
        self.words = tuple(words)
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read a word in any case."""
        word = str(value).lower()
        if word not in self.words:
            near = get_close_matches(word, self.words, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            self.fail(f"unknown {value!r}.{hint} (choices: {', '.join(self.words)})", param, ctx)
        return word


class FormatParam(click.ParamType[str]):
    """A picture format, by name or extension."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read a format's name."""
        from dilcli.files import FORMATS

        word = str(value).lower().removeprefix(".")
        writable = {name: format_ for name, format_ in FORMATS.items() if format_.written}
        names = {e.lstrip("."): n for n, f in writable.items() for e in (n, *f.extensions)}
        if word not in names:
            near = get_close_matches(word, writable, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            self.fail(f"unknown {value!r}.{hint} (choices: {', '.join(writable)})", param, ctx)
        return names[word]


class FramesParam(click.ParamType["Selector | None"]):
    """``all``, ``0``, ``2-5``, or several of these with commas between."""

    name = "N,N-M"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Selector | None:
        """Read a choice of frames; None is all."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # click hands a default through again
        if value.strip().lower() == "all":
            return None
        spans = []
        for item in value.split(","):
            found = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", item)
            first = int(found[1]) if found else 0
            last = int(found[2]) if found and found[2] else first
            if not found or last < first:
                self.fail(f"{item!r} is not a frame N nor a range N-M, counted from 0", param, ctx)
            spans.append((first, last))
        from dilcli.features.outputs import FrameSpans

        return FrameSpans(tuple(spans))


class NumbersParam(click.ParamType[tuple[float, ...]]):
    """``1.5,1.2,1``: numbers with commas between."""

    name = "X,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Read finite numbers."""
        from math import isfinite

        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(float(item) for item in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a number, nor several such as 1.5,1.2,1", param, ctx)
        if not all(map(isfinite, numbers)):
            self.fail(f"must be finite (got {value})", param, ctx)
        return numbers
