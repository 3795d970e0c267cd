"""The options of ``rf`` as its help shows them, and the texts they read."""

from __future__ import annotations

import re

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.cli.field_columns import columns
from dilcli.cli.rf import rf
from dilcli.cli.rf_options import ConditionParam, NumbersParam
from dilcli.core.receptive.layers import KINDS
from dilcli.features.field_checks import WORDS
from tests.cli.running import dilcli
from tests.field_reports import report

OPTIONS = [param for param in rf.params if isinstance(param, click.Option)]
SIZE = NumbersParam("a size", "x", "224 or 224x320")


def _help() -> str:
    return dilcli("rf", "--help").out.decode()


def test_help_shows_every_option_in_the_order_it_is_written() -> None:
    named = re.findall(r"^  (?:-\w, )?(--[a-z-]+)", _help(), re.MULTILINE)
    assert named == [max(option.opts, key=len) for option in OPTIONS] + ["--help"]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: str(option.name))
def test_each_option_says_what_it_is_for(option: click.Option) -> None:
    assert option.help
    assert option.help.endswith(".")


def test_help_fits_80_columns() -> None:
    assert max(map(len, _help().splitlines())) <= 80


def test_help_names_every_kind_of_layer_column_and_word() -> None:
    text = _help()
    heads = {c.head for c in columns(report("conv3", input_size=(9,), channels=(1, 1)), erf=True)}
    heads -= {"#", "layer", "kernel", "stride", "pad", "dil"}
    for word in {*KINDS, *heads, *WORDS, "half", "valid", "same", "causal", "markdown", "csv"}:
        assert re.search(rf"(?<![\w-]){re.escape(word)}", text), word


def test_the_examples_of_help_work() -> None:
    examples = re.findall(r"^ +dilcli (rf .*)$", _help(), re.MULTILINE)
    assert len(examples) >= 4
    for example in examples:
        words = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', example)]
        assert dilcli(*words).code == 0, example


@given(st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=3))
def test_numbers_come_back_as_they_were_written(numbers: list[int]) -> None:
    assert SIZE.convert("x".join(map(str, numbers)), None, None) == tuple(numbers)


@given(st.text(max_size=12))
def test_any_other_text_is_refused_in_one_line(text: str) -> None:
    if re.fullmatch(r"[\s\d]+(x[\s\d]+){0,2}", text):
        return
    with pytest.raises(click.BadParameter) as caught:
        SIZE.convert(text, None, None)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("224,224", "'224,224' is not a size, such as 224 or 224x320"),
        ("", "'' is not a size"),
        ("-3", "'-3' is not a size"),
        ("1x2x3x4", "'1x2x3x4' has more than 3 numbers"),
        ("9999999999", "'9999999999' has a number of more than 9 digits"),
    ],
)
def test_a_wrong_size_is_named_with_an_example(text: str, said: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        SIZE.convert(text, None, None)
    assert caught.value.message.startswith(said)


def test_a_wrong_condition_is_a_wrong_option() -> None:
    with pytest.raises(click.BadParameter, match="did you mean 'aligned'"):
        ConditionParam().convert("alined", None, None)
    condition = ConditionParam().convert("rf>=3", None, None)
    assert ConditionParam().convert(condition, None, None) is condition
