"""The grammar of in-line kernels."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.kernel_text import checked_rows, parse_number, parse_rows
from dilcli.errors import KernelError

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(FLOATS, min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@given(TABLES, st.sampled_from([" ", ",", ", ", "\t"]), st.sampled_from([";", "\n", " ; ", ";\n"]))
def test_written_weights_are_read_back_exactly(
    table: list[list[float]], between: str, after: str
) -> None:
    text = after.join(between.join(map(repr, row)) for row in table)
    assert parse_rows(text) == tuple(map(tuple, table))


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_a_fraction_is_rounded_once(top: int, bottom: int) -> None:
    assert parse_rows(f"{top}/{bottom}") == ((float(Fraction(top, bottom)),),)


@given(st.integers(-999, 999), st.integers(1, 999), st.integers(1, 999))
def test_a_divisor_at_the_end_is_exact_until_the_last_rounding(a: int, b: int, c: int) -> None:
    """Dividing twice by floats would round three times."""
    assert parse_rows(f"{a}/{b} 1 / {c}")[0][0] == float(Fraction(a, b * c))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1 2; 2 4 / 16", ((1 / 16, 1 / 8), (1 / 8, 1 / 4))),
        ("1 2 1 / 4", ((0.25, 0.5, 0.25),)),
        ("1 2 1 /4", ((0.25, 0.5, 0.25),)),
        ("1 2 1/4", ((1.0, 2.0, 0.25),)),
        ("1 2 1/4 / 2", ((0.5, 1.0, 0.125),)),
        ("1 2 / 1/4", ((4.0, 8.0),)),
        ("1 -2 * 1/4", ((0.25, -0.5),)),
        ("1 2\n3 4\n/ 10\n", ((0.1, 0.2), (0.3, 0.4))),
        ("1 2;\n\n3 4;", ((1.0, 2.0), (3.0, 4.0))),
        ("+.5,-1.e1", ((0.5, -10.0),)),
        ("1.5/0.5", ((3.0,),)),
    ],
)
def test_the_blank_before_a_slash_decides_what_it_divides(
    text: str, rows: tuple[tuple[float, ...], ...]
) -> None:
    assert parse_rows(text) == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2; 3 x", r"'x' at column 8 is not a number"),
        ("1 2\n3 x", r"'x' at line 2, column 3 is not a number"),
        ("  1 2; 3 x", r"'x' at column 10 is not a number"),
        ("1 2 3; 4 5", r"row 2 has 2 values, row 1 has 3: .*begins at column 8"),
        ("1 2\n3", r"row 2 has 1 value, row 1 has 2: .*line 2, column 1"),
        ("", "has no weights"),
        ("  \n ", "has no weights"),
        ("/ 16", "has no weights"),
        ("1;;2", "';' at column 3 closes an empty row"),
        ("; 1", "';' at column 1 closes an empty row"),
        ("1,,2", "',' at column 3 has no value"),
        (",1", "',' at column 1 has no value"),
        ("1,", "',' at column 2 has no value"),
        ("1 nan", "'nan' at column 3 is not finite"),
        ("-inf 1", "'-inf' at column 1 is not finite"),
        ("1 1/0", "'1/0' at column 3 divides by zero"),
        ("1 / 0", "'0' at column 5 divides by zero"),
        ("1 /0", "'0' at column 4 divides by zero"),
        ("1 /", "'/' at column 3 wants a number"),
        ("1 / 2 3", "'/' at column 3 scales the whole kernel"),
        ("1 / 2; 3", "'/' at column 3 scales the whole kernel"),
        ("1 / x", "'x' at column 5 is not a number"),
        ("1/ 16", "'1/' at column 1 is not a number"),
        ("1e999999999", "beyond what a float holds"),
        ("1 2e308 * 10", "the weight at column 3 is beyond"),
        ("1_000", "is not a number"),
        ("١ ٢", "is not a number"),
    ],
)
def test_errors_point_at_the_place_in_one_line(text: str, message: str) -> None:
    with pytest.raises(KernelError, match=message) as caught:
        parse_rows(text)
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="0123456789 .,;/*-+eE\nnaifx", max_size=20))
def test_any_text_is_a_table_or_a_kernel_error(text: str) -> None:
    try:
        rows = parse_rows(text)
    except KernelError:
        return
    assert checked_rows(rows, "custom") == rows


def test_a_long_text_is_shortened_in_its_error() -> None:
    with pytest.raises(KernelError) as caught:
        parse_rows("1 " * 10_000 + "x")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(("word", "value"), [("1/3", Fraction(1, 3)), ("-2.5e-1", Fraction(-1, 4))])
def test_numbers_are_exact(word: str, value: Fraction) -> None:
    assert parse_number(word) == value
