"""What is asked about a network, and the answers."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.errors import ArgumentError, LayerError
from dilcli.features.field_report import field_report, for_all_axes, node_index
from tests.field_reports import describe, report

rates = st.lists(st.integers(1, 9), min_size=1, max_size=5)


def _stack(numbers: list[int]) -> str:
    return " ".join(f"conv3d{rate}" for rate in numbers)


@given(rates)
def test_a_stack_is_hole_free_exactly_where_its_coverage_is_whole(numbers: list[int]) -> None:
    made = report(_stack(numbers))
    assert made.hole_free is (made.result.summary.coverage == 1)


@given(rates)
def test_variances_of_layers_add_up(numbers: list[int]) -> None:
    made = report(_stack(numbers))
    expected = sqrt(sum(Fraction(rate * rate * 8, 12) for rate in numbers))
    assert made.sigma == pytest.approx((expected, expected))


def test_where_masks_are_too_wide_the_rule_on_steps_tells_holes() -> None:
    made = report("conv3 conv1000000d3 conv1000000d9000000pv")
    assert made.result.summary.coverage is None
    assert made.hole_free is False
    assert report("conv3 conv1000000d3").hole_free is True


def test_a_global_layer_has_neither_holes_nor_sigma() -> None:
    made = report("conv3 gap")
    assert made.hole_free is None
    assert made.sigma == (None, None)
    assert made.hdc_m2 == (None, None)


def test_an_empty_network_is_its_input() -> None:
    made = report("")
    assert made.result.summary.rf == (1, 1)
    assert made.sigma == (0.0, 0.0)
    assert made.hole_free is True


def test_sigma_is_not_there_where_nobody_asked_for_it() -> None:
    assert report("conv3", spread=False).sigma == (None, None)
    assert report("conv3", spread=False, erf=True).effective is not None
    assert report("conv3").effective is None


def test_the_share_of_the_input_is_exact_and_may_exceed_it() -> None:
    made = report("conv7x3", input_size=(5, 9))
    assert made.rf_fraction == (Fraction(7, 5), Fraction(1, 3))
    assert report("conv7x3").rf_fraction == (None, None)
    assert report("conv3 gap", input_size=(5, 9)).rf_fraction == (Fraction(1), Fraction(1))


def test_a_layer_is_summed_up_by_name_or_number() -> None:
    text = "conv3@a pool2@2 conv3"
    assert report(text, at="a").result.summary.rf == (3, 3)
    assert report(text, at="3").result.summary.rf == (8, 8)
    # A name goes before a number.
    assert report("pool2 conv3 conv3@2", at="2").result.at == 2


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        (
            "conv3@stem",
            "stm",
            "there is no layer 'stm'; did you mean 'stem'? numbers go from 1 to 1",
        ),
        ("conv3", "2", "there is no layer '2'; numbers go from 1 to 1"),
        ("conv3", "0", "there is no layer '0'; numbers go from 1 to 1"),
        ("", "1", "there is no layer '1'; the network has no layers"),
    ],
)
def test_an_unknown_layer_is_refused_with_those_there_are(text: str, at: str, said: str) -> None:
    with pytest.raises(LayerError) as caught:
        node_index(describe(text).network, at)
    assert str(caught.value) == said


def test_one_size_is_for_all_axes_and_others_must_fit() -> None:
    assert for_all_axes((7,), 3) == (7, 7, 7)
    assert for_all_axes((7, 8), 2) == (7, 8)
    assert for_all_axes(None, 2) is None
    with pytest.raises(ArgumentError, match="input size 7x8 is for 2 axes, the network has 1"):
        for_all_axes((7, 8), 1)


@pytest.mark.parametrize(
    ("text", "rule"), [("600xconv3s100000000pv", "exact"), ("600xtconv3s100000000", "paper")]
)
def test_numbers_that_no_one_can_read_are_refused(text: str, rule: str) -> None:
    with pytest.raises(LayerError, match=r"layer 13 \(t?conv3\).* more than 100 digits"):
        report(text, tconv_rule=rule)
    assert report(text.replace("600x", "12x"), tconv_rule=rule, erf=True).effective


def test_settings_go_before_what_the_description_says() -> None:
    description = describe("conv3")._replace(input_size=(9, 9), channels=(3, 8))
    made = field_report(description)
    assert made.result.summary.output_size == (9, 9)
    assert made.costs is not None
    assert made.costs.total_parameters == 9 * 3 * 8
    made = field_report(description, input_size=(4,), channels=(1, 1))
    assert made.result.summary.output_size == (4, 4)
    assert made.costs is not None
    assert made.costs.total_parameters == 9


def test_without_channels_there_are_no_costs() -> None:
    assert report("conv3").costs is None


def test_cells_and_pixels_are_looked_up_where_they_are_asked_for() -> None:
    made = report("conv3 conv3", cell=(0, 4), pixel=(0, 0), input_size=(5,))
    assert made.cell is not None
    assert made.cell[1].box == ((-2, 2), (2, 6))
    assert made.pixel is not None
    assert made.pixel[1].outputs == ((0, 2), (0, 2))
    with pytest.raises(ArgumentError):
        report("conv3", cell=(5, 0), input_size=(5,))


def test_notes_of_the_description_are_kept() -> None:
    assert field_report(describe("conv3")._replace(notes=("from memory",))).notes == (
        "from memory",
    )
