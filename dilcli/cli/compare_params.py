"""Texts of ``compare``'s options that become values at the border of the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.params import WordParam
from dilcli.errors import ArgumentError
from dilcli.features.comparison_conditions import Condition, parse_condition
from dilcli.features.prefilter import check_prefilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.features.detail import Detail

__all__ = ["ConditionParam", "DetailParam", "PrefilterParam", "WordsParam"]


class WordsParam(click.ParamType[tuple[str, ...]]):
    """Words that commas separate, each once."""

    def __init__(self, words: Sequence[str], name: str) -> None:
        self.one = WordParam(words, name)
        self.name = name

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Read the words in the order they are given."""
        if isinstance(value, tuple):
            return value
        words = (self.one.convert(word.strip(), param, ctx) for word in value.split(","))
        return tuple(dict.fromkeys(words))


class DetailParam(click.ParamType["Detail"]):
    """``10,20,64x48``: top, left, rows x columns."""

    name = "Y,X,HxW"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Detail:
        """Read a box."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)x(\d+)\s*", value)
        if not found:
            self.fail(f"{value!r} is not a box Y,X,HxW such as 10,20,64x48", param, ctx)
        top, left, rows, columns = map(int, found.groups())
        return top, left, rows, columns


class PrefilterParam(click.ParamType[str]):
    """``none``, ``gaussian:sigma=1.5``, ``box``, ``b3``."""

    name = "HOW"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read a prefilter's text."""
        try:
            return check_prefilter(value)
        except ArgumentError as error:
            self.fail(str(error), param, ctx)


class ConditionParam(click.ParamType[Condition]):
    """``psnr<40``, ``bilinear.psnr<40``."""

    name = "COND"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Condition:
        """Read a condition."""
        if isinstance(value, Condition):
            return value
        try:
            return parse_condition(value)
        except ArgumentError as error:
            self.fail(str(error), param, ctx)
