"""Sizes, paddings and words of a layer's record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.record_values import layer_fields, whole_number, whole_numbers, word
from dilcli.errors import LayerError

NUMBERS = st.integers(-999_999_999, 999_999_999)


@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=3))
def test_one_number_stands_for_all_axes_and_a_list_for_each(one: int, each: list[int]) -> None:
    assert whole_numbers(one, "here") == (one,)
    assert whole_numbers(each, "here") == whole_numbers(tuple(each), "here") == tuple(each)


@given(st.booleans() | st.floats() | st.none() | st.text() | st.binary() | st.just([1]))
def test_only_whole_numbers_are_whole_numbers(value: object) -> None:
    with pytest.raises(LayerError, match=r"^here: wants a whole number"):
        whole_number(value, "here")


@given(st.integers(10**9))
def test_numbers_have_at_most_nine_digits(number: int) -> None:
    for value in (number, -number):
        with pytest.raises(LayerError, match=r"^here: wants a whole number of at most 9 digits"):
            whole_number(value, "here")


@pytest.mark.parametrize("value", [1, None, ["a"], "a\nb", "\0"])
def test_a_word_can_be_printed_in_one_line(value: object) -> None:
    with pytest.raises(LayerError, match=r"^here: wants a text of one line"):
        word(value, "here")


@given(NUMBERS, NUMBERS)
def test_padding_is_given_for_all_axes_for_each_or_for_each_end(before: int, after: int) -> None:
    def padding(value: object) -> object:
        return layer_fields({"kind": "pool", "kernel": 3, "padding": value}, "here")["padding"]

    assert padding(before) == ((before, before),)
    assert padding([before, after]) == ((before, before), (after, after))
    assert padding([[before, after]]) == ((before, after),)
    assert padding([[before, after], after]) == ((before, after), (after, after))
    assert padding("SAME") == "same"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"kernel": 3}, r"here: kind missing \(known: conv, "),
        ({"kind": "cnov", "kernel": 3}, "here: unknown kind 'cnov'; did you mean 'conv'"),
        ({"kind": 3}, r"here.kind: wants a text of one line \(got 3\)"),
        ({"kind": "conv"}, 'here: kernel missing; write {"kind": "conv", "kernel": 3}'),
        ({"kind": "up"}, 'here: kernel missing; write {"kind": "up", "kernel": 2}'),
        ({"kind": "conv", "kernel": []}, r"here.kernel: wants numbers .* axes \(got 0\)"),
        ({"kind": "conv", "kernel": [3] * 4}, r"here.kernel: wants numbers .* axes \(got 4\)"),
        ({"kind": "conv", "kernel": True}, r"here.kernel: wants a whole number \(got true\)"),
        ({"kind": "conv", "kernel": 3, "stride": "2"}, r"here.stride: .*whole number \(got '2'\)"),
        ({"kind": "conv", "kernel": 3, "dilation": 2.0}, r"here.dilation: .*\(got 2.0\)"),
        ({"kind": "conv", "kernel": 3, "channels": [3]}, r"here.channels: .*\(got a list\)"),
        ({"kind": "conv", "kernel": 3, "padding": "smae"}, "here.padding: .*did you mean 'same'"),
        ({"kind": "conv", "kernel": 3, "padding": []}, r"here.padding: .*axes \(got 0\)"),
        ({"kind": "conv", "kernel": 3, "padding": [[1]]}, r"here.padding: .*\(got 1 numbers\)"),
        ({"kind": "conv", "kernel": 3, "padding": [[1, True]]}, r"here.padding: .*\(got true\)"),
        ({"kind": "conv", "kernel": 3, "padding": {}}, r"here.padding: .*\(got a table\)"),
        ({"kind": "crop", "padding": 4}, "here.padding: a crop is a negative padding"),
        ({"kind": "pool", "kernel": 3, "ceil_mode": 1}, r"here.ceil_mode: wants true or false"),
        ({"kind": "up", "kernel": 2, "mode": 1}, "here.mode: wants a text"),
    ],
)
def test_a_value_of_another_type_is_named_with_its_place(
    record: dict[str, Any], message: str
) -> None:
    with pytest.raises(LayerError, match=message) as caught:
        layer_fields(record, "here")
    assert "\n" not in str(caught.value)
