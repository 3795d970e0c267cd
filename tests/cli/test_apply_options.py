"""The options of ``apply`` as its help shows them."""

from __future__ import annotations

import re

import click
import pytest

from dilcli.cli.apply import apply
from dilcli.core.boundary import ALIASES, PICTURES
from dilcli.core.response import COMBINATIONS, DEPTHS, RESPONSES
from tests.cli.running import dilcli

OPTIONS = [param for param in apply.params if isinstance(param, click.Option)]


def _help() -> str:
    return dilcli("apply", "--help").out.decode()


def test_help_shows_every_option_in_the_order_it_is_written() -> None:
    named = re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", _help(), re.MULTILINE)
    assert named == [max(option.opts, key=len) for option in OPTIONS] + ["--help"]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: str(option.name))
def test_each_option_says_what_it_is_for(option: click.Option) -> None:
    assert option.help
    assert option.help.endswith(".")


def test_help_names_every_word_of_a_choice() -> None:
    text = " ".join(_help().split())
    words = {*RESPONSES, *DEPTHS, *COMBINATIONS, "premultiply", "keep", "drop", "luma", "all"}
    words |= {"none", "sum", "l1"} - {"none"}
    assert [word for word in words if not re.search(rf"\b{word}\b", text)] == []


def test_help_draws_the_boundaries_and_names_their_aliases() -> None:
    text = _help()
    for name, picture in PICTURES.items():
        assert re.search(rf"{name} +{re.escape(picture)}", text)
    for alias in ALIASES:
        assert alias in text


def test_help_fits_80_columns() -> None:
    assert max(map(len, _help().splitlines())) <= 80


def test_one_dilation_goes_by_three_names() -> None:
    for words in (("-d", "3"), ("--dilation", "3"), ("--rate", "3"), ("--holes", "2")):
        shown = dilcli("apply", "--show-kernel", "-k", "box", *words).out.decode()
        assert re.search(r"dilation +3 ", shown)
