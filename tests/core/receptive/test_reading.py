"""What layer text and records have in common: defaults, axes, names, counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.receptive.layers import make_layer
from dilcli.core.receptive.network import MAX_NODES, From
from dilcli.core.receptive.reading import (
    Reading,
    layer_from,
    quoted,
    repeated,
    restart,
)
from dilcli.errors import LayerError


@given(st.integers(1, 99), st.booleans())
def test_holes_are_one_less_than_the_dilation(holes: int, counted: bool) -> None:
    expected = make_layer("conv", (3,), dilation=(holes + 1,))
    reading = Reading(holes=counted)
    assert layer_from(reading, {"kind": "conv", "kernel": (3,), "holes": (holes,)}, "x") == expected
    given = (holes,) if counted else (holes + 1,)
    assert layer_from(reading, {"kind": "conv", "kernel": (3,), "dilation": given}, "x") == expected


def test_a_layer_without_holes_is_dense_however_they_are_counted() -> None:
    dense = make_layer("conv", (3,))
    assert layer_from(Reading(holes=True), {"kind": "conv", "kernel": (3,)}, "x") == dense


def test_the_first_layer_with_a_size_for_each_axis_decides_for_all() -> None:
    reading = Reading()
    layer_from(reading, {"kind": "conv", "kernel": (3,)}, "conv3")
    layer_from(reading, {"kind": "conv", "kernel": (3, 5)}, "conv3x5")
    with pytest.raises(LayerError, match="sizes for 3 axes, but conv3x5 is for 2"):
        layer_from(reading, {"kind": "pool", "kernel": (3, 5, 7)}, "pool3x5x7")


def test_a_name_is_known_once_its_layer_is_read() -> None:
    reading = Reading()
    with pytest.raises(LayerError, match="no earlier layer is named 'a'; name one by @name"):
        restart(reading, "a")
    layer_from(reading, {"kind": "gap", "name": "a"}, "gap")
    assert restart(reading, "a") == From("a")
    with pytest.raises(LayerError, match=r"named 'b' \(known: a\)"):
        restart(reading, "b")


@given(st.integers(1, 300), st.integers(-2, 300))
def test_items_are_repeated_as_long_as_a_network_holds_them(places: int, count: int) -> None:
    piece = ((From("a"),), places)
    if count < 1 or places * count > MAX_NODES:
        with pytest.raises(LayerError, match=r"count is at least 1|more than"):
            repeated(piece, count)
    else:
        assert repeated(piece, count) == (piece[0] * count, places * count)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\nb", r"'a\nb'"),
        ("x" * 100, repr("x" * 60) + "..."),
        (12, "12"),
        (10**4000, "a number of more than 9 digits"),
        (True, "true"),
        (None, "nothing"),
        (2.5, "2.5"),
        ([[]], "a list"),
        ({}, "a table"),
        (b"", "a bytes"),
    ],
)
def test_a_value_is_shown_in_few_words(value: object, shown: str) -> None:
    assert quoted(value) == shown


def test_a_number_too_long_to_print_is_shown_as_such() -> None:
    assert quoted(16**9999) == "a number of more than 9 digits"
    assert quoted([16**9999]) == "a list"


@given(st.recursive(st.none() | st.text() | st.integers() | st.floats(), st.lists))
def test_any_value_is_shown_in_one_short_line(value: object) -> None:
    assert len(quoted(value).splitlines()) == 1
    assert len(quoted(value)) < 800
