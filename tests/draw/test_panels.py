"""The figure of a comparison: one scale, details in which each pixel is seen, any picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.draw import panels as drawing
from dilcli.draw.arranging import LINE, arranged
from dilcli.draw.colours import BOX, signed_colours
from dilcli.draw.panels import Panel, comparison_figure
from dilcli.draw.resizing import fitted

GREEN = (10, 200, 30)


def green(height: int, width: int) -> Any:
    return np.full((height, width, 3), GREEN, np.uint8)


def signed(values: Any, name: str = "dilated", **more: Any) -> Panel:
    return Panel(name, ["words"], np.asarray(values, np.float32), "signed", **more)


def picture(height: int, width: int) -> Panel:
    return Panel("input", [], green(height, width), "picture")


def bounds(mask: Any) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def where(figure: Any, colour: Any) -> Any:
    return (figure == np.asarray(colour)).all(axis=2)


def found(figure: Any, cut: Any) -> int:
    """Count the places where a part stands in a figure."""
    height, width = cut.shape[:2]
    first = np.argwhere(where(figure, cut[0, 0]))
    inside = first[(first[:, 0] + height <= len(figure)) & (first[:, 1] + width <= figure.shape[1])]
    return sum(np.array_equal(figure[y : y + height, x : x + width], cut) for y, x in inside)


def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the words of legends."""
    said: list[str] = []

    def figure(body: Any, *, title: str, facts: Any, entries: Any) -> Any:
        said.extend(entry.text for entry in entries)
        return body

    monkeypatch.setattr(drawing, "figure", figure)
    return said


def test_one_value_has_one_colour_in_all_panels() -> None:
    ways = [signed(np.full((32, 32), value)) for value in (3.0, -3.0, 3.0)]
    figure = comparison_figure(ways, title="t", limit=6.0)
    size = arranged((32, 32), 3).whole[0].dots
    assert where(figure, signed_colours(0.5)).sum() >= 2 * size**2
    assert where(figure, signed_colours(-0.5)).sum() >= size**2


def test_no_response_is_grey_and_what_is_beyond_the_scale_has_its_end_colour() -> None:
    values = np.zeros((32, 32))
    values[:16] = 50.0
    figure = comparison_figure([signed(values)], title="t", limit=6.0)
    half = arranged((32, 32), 1).whole[0].dots ** 2 // 2
    assert where(figure, (128, 128, 128)).sum() >= half
    assert where(figure, signed_colours(1.0)).sum() >= half


def test_differences_are_drawn_as_much_stronger_as_is_said() -> None:
    panel = Panel("difference", [], np.full((32, 32), 0.5), "difference")
    figure = comparison_figure([panel], title="t", limit=8.0, difference_gain=4.0)
    assert where(figure, signed_colours(0.25)).sum() >= arranged((32, 32), 1).whole[0].dots ** 2


def test_each_pixel_of_the_implanted_grid_is_a_square_in_the_detail() -> None:
    rng = np.random.default_rng(1)
    values = np.zeros((400, 400), np.float32)
    values[::3, ::3] = rng.choice([-1.0, -0.5, 0.5, 1.0], (134, 134))
    zoom = (120, 150, 25, 25)
    figure = comparison_figure([signed(values, spacing=(3, 3))], title="t", limit=1.0, zoom=zoom)
    size = fitted(zoom[2:], arranged(values.shape, 1).detail)[0].size
    assert size >= 4
    grid = signed_colours(values[120:145, 150:175]).repeat(size, axis=0).repeat(size, axis=1)
    assert found(figure, grid) == 1


@settings(max_examples=8)
@given(st.data())
def test_the_detail_is_outlined_where_it_is_in_the_input(data: st.DataObject) -> None:
    height, width = data.draw(st.sampled_from([(40, 60), (256, 256), (700, 900)]))
    rows, columns = (data.draw(st.integers(8, 30)) for _ in "yx")
    top = data.draw(st.integers(2, height - rows - 2))
    left = data.draw(st.integers(2, width - columns - 2))
    panels = [signed(np.ones((height, width))), picture(height, width)]
    zoom = (top, left, rows, columns)
    figure = comparison_figure(panels, title="t", limit=1.0, zoom=zoom)
    plan = arranged((height, width), 2)
    y, x, *_ = bounds(where(figure, GREEN))
    whole = figure[y : y + plan.whole[0].dots, x : x + plan.whole[1].dots]
    edges = (top, left, top + rows, left + columns)
    inner = [span.place(edge) for span, edge in zip(plan.whole * 2, edges, strict=True)]
    dots = plan.whole[0].dots, plan.whole[1].dots
    assert bounds(where(whole, BOX)) == (
        max(inner[0] - LINE, 0),
        max(inner[1] - LINE, 0),
        min(inner[2] + LINE, dots[0]),
        min(inner[3] + LINE, dots[1]),
    )


def test_without_a_detail_nothing_is_outlined() -> None:
    panels = [picture(60, 60), signed(np.ones((60, 60)))]
    small = comparison_figure(panels, title="t", limit=1.0)
    large = comparison_figure(panels, title="t", limit=1.0, zoom=(0, 0, 30, 30))
    assert not where(small, BOX).any()
    assert len(large) > len(small) + 100


def test_a_reduced_lattice_is_as_faint_as_it_is_sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    lattice = np.zeros((2000, 2000), np.float32)
    lattice[::2, ::2] = 1.0
    said = texts(monkeypatch)
    figure = comparison_figure([signed(lattice, "implanted", spacing=(2, 2))], title="t", limit=1.0)
    dots = arranged(lattice.shape, 1).whole[0].dots
    assert where(figure, signed_colours(0.25)).sum() >= (dots - 2) ** 2
    assert "implanted: reduced with its zeros to 1/4 of the strength" in said


def test_only_sides_that_are_reduced_make_a_lattice_fainter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = texts(monkeypatch)
    panels = [signed(np.zeros((20, 3000)), "implanted", spacing=(2, 3))]
    comparison_figure(panels, title="t", limit=1.0)
    assert "implanted: reduced with its zeros to 1/3 of the strength" in said
    said.clear()
    comparison_figure([signed(np.zeros((50, 50)), spacing=(2, 2))], title="t", limit=1.0)
    assert said == ["whole picture: 50 x 50, magnified 9:1"]


def test_reduced_differences_do_not_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    board = np.where(np.indices((2000, 2000)).sum(axis=0) % 2, -0.5, 0.5)
    said = texts(monkeypatch)
    figure = comparison_figure([Panel("d", [], board, "difference")], title="t", limit=1.0)
    dots = arranged(board.shape, 1).whole[0].dots
    assert where(figure, signed_colours(0.5)).sum() >= dots**2
    assert any("root mean square" in words for words in said)


def test_differences_that_are_not_reduced_keep_their_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    said = texts(monkeypatch)
    panel = Panel("d", [], np.full((100, 100), -0.5), "difference")
    figure = comparison_figure([panel], title="t", limit=1.0)
    assert where(figure, signed_colours(-0.5)).sum() >= 100**2
    assert not any("root mean square" in words for words in said)


def test_how_pictures_and_details_are_drawn_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = texts(monkeypatch)
    panel = signed(np.zeros((2000, 2400)))
    comparison_figure([panel], title="t", limit=1.0, zoom=(9, 40, 20, 24), notes=["a note"])
    assert said == [
        "detail from 9,40: 20 x 24 pixels, magnified 19:1",
        "whole picture: 2000 x 2400, reduced 1:5",
        "a note",
    ]


def test_pictures_alone_need_no_scale() -> None:
    alone = comparison_figure([picture(40, 40)], title="t", limit=1.0)
    both = comparison_figure([picture(40, 40), signed(np.ones((40, 40)))], title="t", limit=1.0)
    assert len(both) > len(alone)


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 2000), (2000, 1), (20, 3000), (3000, 20), (33, 47), (1500, 2000)]
)
@pytest.mark.parametrize("count", [1, 5, 7])
def test_pictures_of_any_shape_make_a_figure_for_a_screen(
    shape: tuple[int, int], count: int
) -> None:
    panels = [picture(*shape), *[signed(np.zeros(shape))] * (count - 1)]
    zoom = (0, 0, min(shape[0], 24), min(shape[1], 24))
    figure = comparison_figure(panels, title="t", facts=["fact"], limit=1.0, zoom=zoom)
    assert figure.dtype == np.uint8
    assert 400 <= figure.shape[1] <= 1700
    assert 150 <= len(figure) <= 1700
    assert where(figure, GREEN).any()
