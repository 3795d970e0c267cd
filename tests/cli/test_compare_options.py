"""The options of ``compare`` as its help shows them."""

from __future__ import annotations

import re
from typing import get_args

import click
import pytest

from dilcli.cli import compare_options as options
from dilcli.cli.compare import compare
from dilcli.core import comparison, resample
from dilcli.core.boundary import BOUNDARIES
from dilcli.features.comparison_conditions import OF_THE_PICTURE, OF_WAYS
from dilcli.features.comparison_figure import PANELS
from dilcli.features.prefilter import PREFILTERS
from tests.cli.running import dilcli

OPTIONS = [param for param in compare.params if isinstance(param, click.Option)]


def _help() -> str:
    return dilcli("compare", "--help").out.decode()


def test_help_shows_every_option_in_the_order_it_is_written() -> None:
    named = re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", _help(), re.MULTILINE)
    first = [next(opt for opt in option.opts if opt[:2] == "--") for option in OPTIONS]
    assert named == [*first, "--help"]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: str(option.name))
def test_each_option_says_what_it_is_for(option: click.Option) -> None:
    assert option.help
    assert option.help.endswith(".")


def test_the_words_of_choices_are_those_of_the_engine() -> None:
    assert get_args(resample.Upsampling) == options.UPSAMPLINGS
    assert get_args(resample.Alignment) == options.ALIGNMENTS
    assert comparison.COSTLY_WAYS == options.COSTS
    assert comparison.BORDERS == options.BORDERS
    assert comparison.PHASES == options.PHASES


def test_help_names_every_word_of_a_choice_and_of_a_condition() -> None:
    text = re.sub(r"-\s+", "-", " ".join(_help().split()))
    words = {*options.UPSAMPLINGS, *options.COSTS, *options.ALIGNMENTS, *options.BORDERS}
    words |= {*options.PHASES, *BOUNDARIES, *PREFILTERS, *OF_WAYS, *OF_THE_PICTURE, *PANELS}
    assert [word for word in sorted(words) if not re.search(rf"\b{word}\b", text)] == []


def test_help_says_what_ssim_is_of() -> None:
    assert "SSIM is of responses shifted by" in " ".join(_help().split())


def test_help_fits_80_columns() -> None:
    assert max(map(len, _help().splitlines())) <= 80
