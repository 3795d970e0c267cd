"""Numbers, paddings and names in layer text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.values import (
    read_name,
    read_number,
    read_rule,
    read_sides,
    read_sizes,
    refuse,
)
from dilcli.errors import LayerError
from tests.receptive_items import names

NUMBERS = st.integers(-999_999_999, 999_999_999)


@given(NUMBERS)
def test_numbers_are_read_as_they_are_written(number: int) -> None:
    assert read_number(str(number), 0, str(number)) == number


@given(st.lists(NUMBERS.map(abs), min_size=1))
def test_sizes_are_joined_by_an_x(sizes: list[int]) -> None:
    word = "x".join(map(str, sizes))
    assert read_sizes(word, 0, word) == read_sizes(word, 0, word.upper()) == tuple(sizes)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1))
def test_sides_are_joined_by_a_colon(pads: list[tuple[int, int]]) -> None:
    word = "x".join(f"{before}:{after}" for before, after in pads)
    assert read_sides(word, 0, word) == tuple(pads)


@given(st.lists(NUMBERS, min_size=1))
def test_one_side_stands_for_both(sides: list[int]) -> None:
    word = "x".join(map(str, sides))
    assert read_sides(word, 0, word) == tuple((side, side) for side in sides)


@pytest.mark.parametrize("word", ["", "-", "1.5", "1e3", "１", "²", "+1", "0x10", " 1"])
def test_what_is_no_plain_number_is_refused(word: str) -> None:
    with pytest.raises(LayerError, match=r"column 1: .*is no whole number"):
        read_number(word, 0, word)


@pytest.mark.parametrize(
    ("text", "rule", "end"),
    [
        ("same", "same", 4),
        ("SAMEs2", "same", 4),
        ("s2", "same", 1),
        ("v", "valid", 1),
        ("halfd2", "half", 4),
        ("hd2", "half", 1),
        ("causal", "causal", 6),
        ("caus", "causal", 1),
        ("1", "", 0),
        ("", "", 0),
    ],
)
def test_a_rule_is_named_or_abbreviated(text: str, rule: str, end: int) -> None:
    assert read_rule(text, 0) == (rule, end)


@given(names(), st.text(" ,()|;#@", min_size=1, max_size=1))
def test_any_name_that_can_be_printed_is_read_in_quotes(name: str, behind: str) -> None:
    written = json.dumps(name, ensure_ascii=False)
    assert read_name(f"@{written}{behind}", 1) == (name, 1 + len(written))


@given(st.text(), st.integers(0, 99))
def test_a_place_is_where_a_text_editor_shows_it(text: str, at: int) -> None:
    at = min(at, len(text))
    lines = text[:at].split("\n")
    place = f"column {len(lines[-1]) + 1}: odd"
    if "\n" in text.strip():
        place = f"line {len(lines)}, {place}"
    with pytest.raises(LayerError) as caught:
        refuse(text, at, "odd")
    assert str(caught.value) == place
