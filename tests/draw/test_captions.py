"""Words in figures: they fit, they are cut at edges, and any letters can be given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from dilcli.draw import captions
from dilcli.draw.captions import (
    caption,
    line_height,
    percent,
    text_mask,
    text_width,
    wrapped,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class Missing:
    """What Pillow has in place of FreeType where it was built without."""

    def __getattr__(self, name: str) -> object:
        raise ImportError("no FreeType here")


@pytest.fixture
def without_freetype(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ImageFont, "core", Missing())
    captions._font.cache_clear()
    yield
    captions._font.cache_clear()


@given(st.text(max_size=30), st.integers(6, 40))
def test_any_text_has_the_height_of_a_line(text: str, size: int) -> None:
    mask = text_mask(text, size)
    assert mask.shape == (line_height(size), max(text_width(text, size), 1))
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_letters_that_the_font_does_not_have_are_spelled() -> None:
    pairs = [("3 × 3, σ −1", "3 x 3, sigma -1"), ("à trous", "a trous"), ("図", "?")]
    for text, spelled in pairs:
        np.testing.assert_array_equal(text_mask(text, 13), text_mask(spelled, 13))


def test_every_letter_that_is_kept_has_a_shape_of_its_own() -> None:
    shapes = {text_mask(chr(code), 30).tobytes() for code in [*range(33, 127), ord("·")]}
    assert len(shapes) >= 94, "only l and I may look alike"


@pytest.mark.usefixtures("without_freetype")
def test_without_freetype_there_still_are_letters() -> None:
    canvas = np.full((30, 200, 3), 255, np.uint8)
    write(canvas, "RF 13 × 13 · σ 1.5", (4, 10), size=19)
    assert canvas.min() < 64
    assert (canvas[:, :10] == 255).all()
    assert len(wrapped("many words of one line", 13, 60)) > 1


@given(st.text("ab cde", max_size=60), st.integers(8, 20), st.integers(1, 200))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, size: int, width: int) -> None:
    lines = wrapped(text, size, width)
    assert all(len(line) == 1 or text_width(line, size) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_lines_are_broken_at_spaces_where_there_are_some() -> None:
    width = text_width("receptive field", 13)
    assert wrapped("receptive field of it", 13, width) == ["receptive field", "of it"]


@given(st.integers(-60, 60), st.integers(-90, 90), st.sampled_from([0.0, 0.5, 1.0]))
def test_what_does_not_fit_into_a_picture_is_cut_off(row: int, column: int, anchor: float) -> None:
    around = np.full((180, 300, 3), 255, np.uint8)
    write(around, "receptive", (row + 60, column + 90), anchor=anchor)
    canvas = np.full((50, 80, 3), 255, np.uint8)
    write(canvas, "receptive", (row, column), anchor=anchor)
    np.testing.assert_array_equal(canvas, around[60:110, 90:170])


def test_an_anchor_says_which_part_of_a_text_is_at_its_column() -> None:
    spans = []
    for anchor in (0.0, 0.5, 1.0):
        canvas = np.full((20, 200, 3), 255, np.uint8)
        write(canvas, "HHHH", (0, 100), anchor=anchor)
        inked = np.flatnonzero((canvas < 200).any(axis=(0, 2)))
        spans.append((inked[0], inked[-1]))
    assert spans[0][0] >= 100
    assert spans[2][1] < 100
    assert abs(spans[1][0] + spans[1][1] - 199) <= 2


def test_a_caption_is_as_wide_as_asked_and_as_high_as_its_lines() -> None:
    made = caption(["one", "two words and some more of them"], 100, size=13)
    assert made.shape == (
        line_height(13) * (1 + len(wrapped("two words and some more of them", 13, 100))),
        100,
        3,
    )
    assert caption([], 50).shape == (0, 50, 3)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_percent_says_100_of_all_only_and_0_of_nothing_only(part: int, whole: int) -> None:
    part = min(part, whole)
    text = percent(part, whole)
    assert (text == "100%") == (part == whole)
    assert (text == "0%") == (part == 0)
    assert float(text[:-1]) == pytest.approx(100 * part / whole, rel=1e-3, abs=0.011)
