"""Texts of the options of ``compare``, read at the border."""

from __future__ import annotations

from typing import Any

import click
import pytest

from dilcli.cli.compare_params import ConditionParam, DetailParam, PrefilterParam, WordsParam


def read(param: click.ParamType[Any], text: str) -> Any:
    return param.convert(text, None, None)


def test_words_are_read_once_each_in_their_order() -> None:
    param = WordsParam(("nearest", "bilinear"), "WAY,...")
    assert read(param, "bilinear, Nearest,bilinear") == ("bilinear", "nearest")
    with pytest.raises(click.BadParameter, match="Did you mean 'nearest'"):
        read(param, "bilinear,neares")


def test_a_detail_is_a_place_and_a_size() -> None:
    assert read(DetailParam(), " 10,20, 64x48") == (10, 20, 64, 48)
    for text in ("10,20", "10x20,3,4", "-1,0,4x4", "1,2,3"):
        with pytest.raises(click.BadParameter, match="is not a box"):
            read(DetailParam(), text)


def test_prefilters_and_conditions_are_read_by_their_own_parsers() -> None:
    assert read(PrefilterParam(), "Box") == "box"
    assert read(ConditionParam(), "psnr<40").name == "psnr"
    for param, text in ((PrefilterParam(), "boxx"), (ConditionParam(), "psnr")):
        with pytest.raises(click.BadParameter):
            read(param, text)


def test_a_value_that_was_read_stays() -> None:
    for param, text in (
        (WordsParam(("a",), "W"), "a"),
        (DetailParam(), "1,2,3x4"),
        (ConditionParam(), "psnr<40"),
    ):
        value = read(param, text)
        assert param.convert(value, None, None) is value
