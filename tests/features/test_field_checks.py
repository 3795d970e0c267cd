"""Conditions on receptive fields."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.errors import ArgumentError
from dilcli.features.field_checks import QUANTITIES, WORDS, judge, parse_condition
from tests.field_reports import report


def _holds(text: str, condition: str, **settings: Any) -> bool:
    (verdict,) = judge(report(text, **settings), [parse_condition(condition)])
    return verdict.holds


def _found(text: str, condition: str, **settings: Any) -> str:
    (verdict,) = judge(report(text, **settings), [parse_condition(condition)])
    return verdict.found


SIGNS = {
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


@given(st.text(max_size=20) | st.from_regex(r"(not |!)?[a-z_]{2,9}([<>=!]{0,3}[0-9x./%]*)?"))
def test_no_text_does_worse_than_one_line(text: str) -> None:
    try:
        condition = parse_condition(text)
    except ArgumentError as error:
        said = str(error)
    else:
        said = condition.name
        assert said in (*QUANTITIES, *WORDS)
    assert "\n" not in said


@given(
    st.sampled_from(sorted(SIGNS)),
    st.integers(1, 30),
    st.sampled_from(["{}{}{}", "{} {} {}", " {}  {}{} "]),
)
def test_a_comparison_is_that_of_numbers(sign: str, bound: int, form: str) -> None:
    assert _holds("conv3 conv3d2 conv3d4", form.format("rf", sign, bound)) is SIGNS[sign](15, bound)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("conv3s2 conv3", ["rf=7", "stride=2", "jump=2", "effective_stride=2", "padding=3"]),
        ("conv3s2 conv3", ["start=0.5", "start=1/2", "center0=0", "gap=1", "lattice=1"]),
        ("conv3s2 conv3", ["aligned", "not whole_input", "hole_free", "RF=7"]),
        ("conv3d2", ["coverage=36", "coverage=36%", "coverage>35.99%", "!hole_free", "gap=2"]),
        ("conv3d2 conv3d2", ["hdc_m2=2", "lattice=2", "not hole_free", "sigma<2.4", "erf>9"]),
        ("conv3x5", ["rf=3x5", "rf>=3", "rf!=4", "padding=1x2", "rf<=3x5"]),
        ("up2", ["stride=0.5", "stride=1/2"]),
        ("tconv3s3pv", ["stride=1/3"]),
        ("conv3 gap", ["whole_input", "rf>=1000000", "rf>5", "rf!=7"]),
    ],
)
def test_these_hold(text: str, conditions: list[str]) -> None:
    assert [c for c in conditions if not _holds(text, c)] == []


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("conv3x5", ["rf>=4", "rf=5", "rf>=3x6"]),
        ("conv3s2ps", ["padding>=0", "padding<0", "padding!=7", "aligned", "not aligned"]),
        ("conv3 gap", ["rf<=1000000", "rf=7", "hole_free", "!hole_free", "coverage>=0"]),
        ("conv3", ["output_size>=1", "macs>=0", "parameters<=1", "rf_fraction<1000"]),
        ("conv3", ["hdc_m2>=0", "hdc_m2<0"]),
    ],
)
def test_what_is_unknown_or_fails_on_one_axis_does_not_hold(
    text: str, conditions: list[str]
) -> None:
    assert [c for c in conditions if _holds(text, c)] == []


def test_sizes_shares_and_costs_are_compared_where_they_are_known() -> None:
    settings: dict[str, Any] = {"input_size": (10, 20), "channels": (3, 8)}
    for condition in ("out=10x20", "rf_fraction<=30%", "rf_fraction=30x15", "params=216"):
        assert _holds("conv3", condition, **settings), condition
    assert _holds("conv3", "macs=43200", **settings)


@pytest.mark.parametrize(
    ("text", "condition", "said"),
    [
        ("conv3", "rf>=65", "rf is 3"),
        ("conv3x5", "rf>=4", "rf is 3x5"),
        ("conv3d2", "coverage=100", "coverage is 36%"),
        ("conv3d2 conv3d2 conv3d2", "coverage=100", "coverage is 28.9941%"),
        ("conv3 gap", "rf<=9", "rf is the whole input"),
        ("conv3s2ps", "padding=1", "effective_padding is unknown"),
        ("conv3", "macs<5", "macs is unknown; it needs --channels and --input-size"),
        ("conv3", "out=5", "output_size is unknown; it needs --input-size"),
        ("conv3 gap", "aligned", "aligned: yes"),
        ("conv3s2ps", "aligned", "aligned: unknown"),
        ("conv3d2", "hole_free", "hole_free: no"),
    ],
)
def test_a_verdict_says_what_was_found(text: str, condition: str, said: str) -> None:
    assert _found(text, condition) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rff>=3", "'rff>=3': unknown name 'rff'; did you mean 'rf'?"),
        ("alined", "'alined': unknown name 'alined'; did you mean 'aligned'?"),
        ("not alined", "'not alined': unknown name 'alined'; did you mean 'aligned'?"),
        ("coverge=100", "'coverge=100': unknown name 'coverge'; did you mean 'coverage'?"),
        ("qqq=1", "'qqq=1': unknown name 'qqq'; known: rf, "),
        ("rf", "'rf' compares rf with nothing; write rf>=N"),
        ("not rf", "'not rf' compares rf with nothing; write rf>=N"),
        ("rf>=", "'rf>=' is no condition; write NAME OP NUMBER, such as rf>=65"),
        ("rf>=x", "'rf>=x' is no condition"),
        ("rf=>3", "'rf=>3' is no condition"),
        ("", "'' is no condition"),
        ("aligned=1", "'aligned=1': aligned is true or false; write aligned or 'not aligned'"),
        ("rf>=50%", "'rf>=50%': rf is no percentage; leave % away"),
        ("rf>=1/0", "'rf>=1/0': 1/0 is no number"),
        ("rf>=1.5/2", "'rf>=1.5/2': 1.5/2 is no number"),
    ],
)
def test_what_is_no_condition_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_condition(text)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_numbers_for_other_axes_than_the_networks_are_refused() -> None:
    with pytest.raises(ArgumentError, match="'rf=3x3x3' has numbers for 3 axes, rf has 2"):
        _holds("conv3", "rf=3x3x3")
    with pytest.raises(ArgumentError, match="coverage has 1"):
        _holds("conv3", "coverage=100x100")


def test_bounds_are_exact() -> None:
    assert parse_condition("start>=0.1").bounds == (Fraction(1, 10),)
    assert _holds("conv3d2", "coverage=36") is True
    assert not _holds("conv3d2", "coverage>36")
