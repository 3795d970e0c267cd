"""What --list-kernels, --show-kernel and --explain print."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from dilcli.cli.kernel_views import print_explanation, print_kernel, print_kernel_list
from dilcli.core.boundary import BOUNDARIES, PICTURES
from dilcli.core.kernels import named_kernels, parse_kernel
from dilcli.features.explain import explain


def console(width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width, highlight=False)


def text(target: Console) -> str:
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_list_names_every_kernel_and_parameter_within_the_width(width: int) -> None:
    target = console(width)
    print_kernel_list(target)
    lines = text(target).splitlines()
    assert max(map(len, lines)) <= max(width, 72)
    for kernel in named_kernels():
        assert any(line.startswith(f"{kernel.name} ") for line in lines)
        for parameter in kernel.parameters:
            assert f"{parameter.name}={parameter.default}" in text(target)


def test_the_list_needs_no_more_than_ascii() -> None:
    target = console()
    print_kernel_list(target)
    assert text(target).isascii()


def test_a_kernel_is_shown_with_its_numbers_and_picture() -> None:
    target = console()
    print_kernel(parse_kernel("sobel-y"), (2, 3), console=target)
    shown = text(target)
    for expected in [
        "sobel-y: 3 x 3, 6 taps",
        "  -1  -2  -1\n   0   0   0\n   1   2   1\n",
        "effective size  5 x 7 pixels",
        "reach           up 2, down 2, left 3, right 3",
        "tap rows        -2 +2",
        "tap columns     -3 0 +3",
        "sum             0\n",
        "l1              8",
        "rank            1 (separable)",
        "   - . . - . . -\n   . . . . . . .\n   0 . .[0]. . 0\n",
    ]:
        assert expected in shown


def test_the_reach_is_said_side_by_side() -> None:
    target = console()
    print_kernel(parse_kernel("1 2 3 4; 5 6 7 8"), (5, 2), (0, 3), console=target)
    assert "reach           up 0, down 5, left 6, right 0" in text(target)
    assert "origin          row 0, column 3 of the kernel, from 0" in text(target)


@pytest.mark.parametrize("name", ["gaussian:3", "gabor", "disk:60", "0", "log:sigma=0.4x7"])
@pytest.mark.parametrize("dilation", [(1, 1), (4096, 7)])
def test_kernels_of_any_size_fit_eighty_columns(name: str, dilation: tuple[int, int]) -> None:
    target = console()
    print_kernel(parse_kernel(name), dilation, console=target)
    assert max(map(len, text(target).splitlines())) <= 80
    assert len(text(target).splitlines()) <= 70


def test_without_colour_nothing_but_text_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves no colours; a file gets no escape codes at all."""
    target = console()
    print_kernel(parse_kernel("sobel-y"), console=target)
    assert "\x1b" not in text(target)
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Console(file=io.StringIO(), width=80, force_terminal=True, highlight=False)
    print_kernel(parse_kernel("sobel-y"), console=terminal)
    assert "\x1b[31m" not in text(terminal)
    assert "\x1b[32m" not in text(terminal)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_an_explanation_shows_the_boundary_and_every_peer_in_full(boundary: str) -> None:
    explanation = explain(
        parse_kernel("gaussian-dy:size=4"),
        dilation=(2, 3),
        boundary=boundary,
        fill=3,
        stride=(1, 2),
    )
    target = console()
    print_explanation(explanation, target)
    shown = text(target)
    assert f"{boundary}: {PICTURES[explanation.boundary]}" in shown
    assert "padding         4 rows above, 2 below; 6 columns on the left, 3 on the right" in shown
    assert "stride          1 down, 2 across" in shown
    for peer, code in explanation.equivalents:
        assert "\n".join([peer, *code]) in shown


def test_an_explanation_says_what_the_response_can_be() -> None:
    target = console()
    print_explanation(explain(parse_kernel("sobel-y"), convolve=True), target)
    assert "response        -1020 to 1020 for samples from 0 to 255" in text(target)
    assert "convolution, the kernel turned by 180 degrees" in text(target)


def test_nothing_outside_is_read_by_a_single_tap() -> None:
    target = console()
    print_explanation(explain(parse_kernel("identity"), dilation=(9, 9)), target)
    assert "none: nothing outside the image is read" in text(target)
