"""Pictures of taps and holes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.cli.kernel_picture import picture, weight_lines
from dilcli.core.kernels import Kernel, parse_kernel


def drawn(lines: list[str]) -> dict[tuple[int, int], str]:
    """Read a picture back: what stands at which offset from the marked output pixel."""
    cells = {(y, x // 2): line[x] for y, line in enumerate(lines) for x in range(1, len(line), 2)}
    ((cy, cx),) = [(y, line.index("[") // 2) for y, line in enumerate(lines) if "[" in line]
    return {(y - cy, x - cx): cell for (y, x), cell in cells.items()}


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.booleans(),
    st.data(),
)
def test_a_picture_shows_every_tap_where_it_is_applied(
    shape: tuple[int, int], dilation: tuple[int, int], convolve: bool, data: st.DataObject
) -> None:
    rows, columns = shape
    row = st.tuples(*[st.sampled_from([-2.0, 0.0, 3.0])] * columns)
    kernel = Kernel(tuple(data.draw(st.tuples(*[row] * rows))))
    origin = data.draw(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)))
    lines, notes = picture(kernel, dilation, origin, convolve)
    taps = kernel.taps(dilation, origin, convolve)
    cells = drawn(lines)
    assert notes == []
    assert {at for at, cell in cells.items() if cell in "+-"} == {tap[:2] for tap in taps}
    assert all(cells[tap.dy, tap.dx] == ("+" if tap.weight > 0 else "-") for tap in taps)
    assert list(cells.values()).count(".") + rows * columns == len(cells)


def test_a_picture_looks_as_in_the_documentation() -> None:
    lines, _ = picture(parse_kernel("sobel-y"), (2, 2))
    assert lines == [
        " - . - . -",
        " . . . . .",
        " 0 .[0]. 0",
        " . . . . .",
        " + . + . +",
    ]


@pytest.mark.parametrize("text", ["box:200", "gaussian:2", "sobel-x", "1 2 3 4", "box:1x300"])
@pytest.mark.parametrize("dilation", [(1, 1), (3, 64), (4096, 2)])
@pytest.mark.parametrize("width", [40, 78])
def test_pictures_fit_the_screen_and_say_what_they_leave_out(
    text: str, dilation: tuple[int, int], width: int
) -> None:
    kernel = parse_kernel(text)
    lines, notes = picture(kernel, dilation, width=width)
    assert len(lines) <= 25
    assert max(map(len, lines)) <= width
    assert "[" in "".join(lines)
    size = kernel.effective_size(dilation)
    assert bool(notes) == (size[0] > 25 or size[1] > (width - 1) // 2)


def test_a_large_dilation_is_drawn_smaller_rather_than_cut() -> None:
    lines, notes = picture(parse_kernel("sobel-y"), (64, 64))
    assert notes == ["drawn as if the dilation were 12 x 18, to fit the screen"]
    assert "".join(lines).count("+") == 3


@pytest.mark.parametrize("text", ["gaussian", "gabor", "disk:40", "box:1x4096", "1e-300 -1e300"])
def test_weights_fit_the_screen(text: str) -> None:
    lines = weight_lines(parse_kernel(text), 80)
    assert len(lines) <= 26
    assert max(map(len, lines)) <= 78


def test_weights_that_fit_are_shown_whole() -> None:
    assert weight_lines(parse_kernel("1 -2.5; 1/3 100"), 80) == [
        "     1    -2.5",
        "0.3333     100",
    ]
    assert (
        weight_lines(parse_kernel("box:30x1"), 80)[-1]
        == "(rows 3 to 27 of 30, columns 0 to 0 of 1, from 0)"
    )
