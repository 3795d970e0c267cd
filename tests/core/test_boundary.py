"""What stands outside an image, held against pictures, `numpy.pad` and walks of one step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dilcli.core.boundary import (
    ALIASES,
    BOUNDARIES,
    NUMPY_PAD_MODES,
    PICTURES,
    boundary_name,
    equivalent_offset,
    source_index,
)
from dilcli.errors import ArgumentError
from tests.reference import sample_outside

if TYPE_CHECKING:
    from dilcli.core.boundary import Boundary


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("length", [1, 2, 3, 4, 7])
def test_positions_outside_are_found_by_walking(boundary: Boundary, length: int) -> None:
    """Up to 40 images to either side."""
    index = np.arange(-40 * length, 41 * length)
    walked = [sample_outside(range(length), int(i), boundary, -1) for i in index]
    np.testing.assert_array_equal(source_index(index, length, boundary), walked)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_numpy_pads_the_same_picture_under_its_own_word(boundary: Boundary) -> None:
    row = np.arange(5)
    mode = NUMPY_PAD_MODES[boundary]
    value = {"constant_values": -1} if mode == "constant" else {}
    padded = np.pad(row, 3, mode, **value)  # type: ignore[call-overload]
    np.testing.assert_array_equal(source_index(np.arange(-3, 8), 5, boundary), padded)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_the_drawn_picture_is_what_is_computed(boundary: Boundary) -> None:
    left, inside, right = (part.split() for part in PICTURES[boundary].split("|"))
    assert inside == list("abcd")
    index = np.arange(-len(left), 4 + len(right))
    letters = ["k" if i < 0 else "abcd"[i] for i in source_index(index, 4, boundary)]
    assert letters == [*left, *inside, *right]


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("length", [1, 2, 3, 6, 9])
def test_a_shortened_offset_reaches_the_same_samples(boundary: Boundary, length: int) -> None:
    """From every position of the axis, and it is at most one image long."""
    positions = np.arange(length)
    for offset in range(-41 * length, 41 * length):
        short = equivalent_offset(offset, length, boundary)
        assert abs(short) <= min(length, abs(offset))
        np.testing.assert_array_equal(
            source_index(positions + short, length, boundary),
            source_index(positions + offset, length, boundary),
        )


def test_names_and_aliases_are_read_in_any_case() -> None:
    for name in BOUNDARIES:
        assert boundary_name(f" {name.upper()} ") == name
    for alias, name in ALIASES.items():
        assert boundary_name(alias.title()) == name


@pytest.mark.parametrize(
    ("typed", "meant"), [("reflct", "reflect"), ("perodic", "periodic"), ("constnt", "constant")]
)
def test_a_mistyped_boundary_is_told_what_was_meant(typed: str, meant: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(f"'{typed}'. Did you mean '{meant}'?")):
        boundary_name(typed)


def test_an_unknown_boundary_is_told_all_choices() -> None:
    with pytest.raises(ArgumentError, match="unknown boundary 'zzz'") as caught:
        boundary_name("zzz")
    assert "Did you mean" not in str(caught.value)
    assert all(word in str(caught.value) for word in [*BOUNDARIES, *ALIASES])
