"""Numbers of receptive fields as people read them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.cli.field_texts import compact, padding_text, percent, plain, rf_text, sizes_text
from dilcli.core.receptive.layers import make_layer
from tests.field_reports import report


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "?"), (7, "7"), (-4, "-4"), (Fraction(3), "3"), (Fraction(1, 2), "0.5")),
        *((Fraction(-3, 2), "-1.5"), (Fraction(1, 3), "1/3"), (2.0, "2.00"), (1.826, "1.83")),
    ],
)
def test_a_number_is_written_exactly_or_with_two_decimals(
    value: float | Fraction | None, text: str
) -> None:
    assert plain(value) == text


@given(st.fractions())
def test_a_fraction_is_never_rounded(value: Fraction) -> None:
    assert Fraction(plain(value)) == value


def test_axes_are_joined_where_they_differ() -> None:
    assert sizes_text((3, 3)) == "3"
    assert sizes_text((7, 5)) == "7×5"
    assert sizes_text((3, 3, 1)) == "3×3×1"
    assert sizes_text((None, 1)) == "?×1"
    assert sizes_text((None, None)) == "?"


@pytest.mark.parametrize(
    ("text", "axes", "written"),
    [
        ("conv3x5", None, "3×5"),
        ("conv3", None, "3"),
        ("conv3 gap", None, "all"),
        ("conv3pv pool2 conv3pv up2 conv2pv", 1, "8–10"),
        ("conv3 up2", None, "3"),
    ],
)
def test_a_receptive_field_is_a_number_a_range_or_all(
    text: str, axes: int | None, written: str
) -> None:
    assert rf_text(report(text, axes).result.summary) == written


def test_padding_is_written_as_it_is_typed() -> None:
    assert padding_text(make_layer("conv", (3,))) == "1"
    assert padding_text(make_layer("conv", (2,))) == "0:1"
    assert padding_text(make_layer("conv", (3,), padding="same")) == "same"
    pads = ((1, 2), (0, 0))
    assert padding_text(make_layer("conv", (3, 3), padding=pads)) == "1:2×0"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((Fraction(49, 169), "28.99%"), (Fraction(9, 11), "81.82%"), (Fraction(9, 25), "36%")),
        *((Fraction(1), "100%"), (Fraction(0), "0%"), (Fraction(1, 10**6), "<0.01%")),
        *((1 - Fraction(1, 10**6), "99.99%"), (None, "?"), (Fraction(7, 5), "140%")),
    ],
)
def test_a_share_is_written_as_percent(share: Fraction | None, text: str) -> None:
    assert percent(share) == text


@given(st.fractions(min_value=0, max_value=1))
def test_only_the_whole_is_100_percent_and_only_nothing_is_0(share: Fraction) -> None:
    assert (percent(share) == "100%") is (share == 1)
    assert (percent(share) == "0%") is (share == 0)
    if not percent(share).startswith("<") and share < Fraction(9999, 10000):
        assert abs(Fraction(percent(share).rstrip("%")) - 100 * share) <= Fraction(1, 200)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "?"), (0, "0"), (99999, "99999"), (118013952, "118M"), (4089184256, "4.089G")],
)
def test_large_numbers_are_short(value: int | None, text: str) -> None:
    assert compact(value) == text


@given(st.integers(0, 10**24))
def test_a_short_number_is_off_by_less_than_a_thousandth(value: int) -> None:
    text = compact(value)
    power = "kMGTPE".find(text[-1]) + 1
    assert float(text.rstrip("kMGTPE")) * 1000**power == pytest.approx(value, rel=5e-4)
