"""Colours by name or number become red, green and blue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.errors import ArgumentError
from dilcli.files.colour import parse_colour

BYTE = st.integers(0, 255)


@given(BYTE, BYTE, BYTE)
def test_numbers_of_either_base_are_read_as_they_are(red: int, green: int, blue: int) -> None:
    assert parse_colour(f"#{red:02x}{green:02X}{blue:02x}") == (red, green, blue)
    assert parse_colour(f"rgb({red}, {green},{blue})") == (red, green, blue)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("white", (255, 255, 255)),
        ("Black", (0, 0, 0)),
        ("#f80", (255, 136, 0)),
        ("hsl(120, 100%, 50%)", (0, 255, 0)),
        ("rebeccapurple", (102, 51, 153)),
    ],
)
def test_names_short_forms_and_hues_are_known(text: str, wanted: tuple[int, int, int]) -> None:
    assert parse_colour(text) == wanted


@pytest.mark.parametrize("text", ["", "whit", "#12345", "255,255,255", "rgb(1,2)", "rgb(1,2,300)"])
def test_what_is_no_colour_is_refused_by_what_would_be_one(text: str) -> None:
    with pytest.raises(ArgumentError, match="is not a colour such as white, #fff or #ffffff"):
        parse_colour(text)


@pytest.mark.parametrize("text", ["#ffffff80", "rgba(1,2,3,0.5)", "#fff8"])
def test_a_background_cannot_be_transparent(text: str) -> None:
    with pytest.raises(ArgumentError):
        parse_colour(text)
