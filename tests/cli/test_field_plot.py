"""Receptive fields drawn in the terminal, read back from their characters."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.cli.field_plot import plot_lines, print_plot
from dilcli.core.receptive.holes import tap_rows
from dilcli.features.receptive_fields import receptive_field

HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def boxes(width: int) -> st.SearchStrategy[tuple[list[int], int]]:
    """Rows of a box, and how wide it is."""
    return st.integers(1, width).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(0, 2**n - 1), min_size=1, max_size=width), st.just(n)
        )
    )


def inside(lines: list[str]) -> list[str]:
    return [line[1:-1] for line in lines if line.startswith("│")]


@given(boxes(40))
def test_where_it_fits_each_pixel_is_half_a_character(box: tuple[list[int], int]) -> None:
    rows, width = box
    drawn = inside(plot_lines(rows, width, 80))
    read = [[HALVES[c][half] for c in line] for line in drawn for half in (0, 1)]
    masks = [sum(bit << i for i, bit in enumerate(row)) for row in read]
    if len(rows) == 1:
        assert masks == rows * 2
    else:
        assert masks == rows + [0] * (len(rows) % 2)
    assert {len(line) for line in drawn} == {width}


@given(boxes(90), st.integers(8, 100))
def test_a_drawing_fits_the_terminal_and_says_what_a_cell_is(
    box: tuple[list[int], int], columns: int
) -> None:
    rows, width = box
    title, *lines = plot_lines(rows, width, columns)
    drawn = inside(lines)
    assert max(map(len, drawn)) + 2 <= columns
    assert len(drawn) * 2 <= columns
    whole = max(len(rows), width) <= columns - 2
    assert ("1 cell = " in lines[-1]) != whole
    seen = sum(map(int.bit_count, rows))
    assert f": {seen} of {len(rows) * width} pixels seen, " in title


@given(boxes(60), st.integers(5, 30))
def test_a_shade_is_as_dark_as_the_share_of_its_pixels(
    box: tuple[list[int], int], columns: int
) -> None:
    rows, width = box
    *_, note = lines = plot_lines(rows, width, columns)
    found = re.match(r"1 cell = (\d+)", note)
    side = int(found[1]) if found else 1
    tall = side if len(rows) == 1 else 2 * side
    for y, line in enumerate(inside(lines)):
        for x, character in enumerate(line):
            part = [row >> x * side for row in rows[y * tall :][:tall]]
            bits = [row >> i & 1 for row in part for i in range(min(side, width - x * side))]
            assert (character == " ") == (not any(bits))
            assert character != "█" or all(bits)
            if len(bits) == tall * side and character in "░▒▓":
                share = sum(bits) / len(bits)
                low = "░▒▓".index(character) / 3
                assert low <= share < low + 1 / 3 + 1e-9


def test_a_drawing_looks_as_in_the_documentation() -> None:
    assert plot_lines([0b10101, 0, 0b10101, 0, 0b10101], 5, 80) == [
        "RF 5×5: 9 of 25 pixels seen, 36%",
        "┌─────┐",
        "│▀ ▀ ▀│",
        "│▀ ▀ ▀│",
        "│▀ ▀ ▀│",
        "└─────┘",
    ]
    assert plot_lines([0b101], 3, 80) == ["RF 3: 2 of 3 pixels seen, 66.67%", "│█ █│"]
    assert plot_lines([2**160 - 1], 160, 82)[-1] == (
        "1 cell = 2 pixels, shaded by the share that is seen"
    )


def printed(capsys: pytest.CaptureFixture[str], text: str, **settings: Any) -> tuple[str, str]:
    print_plot(receptive_field(text, **settings))
    found = capsys.readouterr()
    return found.out, found.err


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_what_is_printed_is_drawn_from_the_rows_of_taps(capsys: pytest.CaptureFixture[str]) -> None:
    result = receptive_field("conv3d2 (conv3|conv3d4)")
    print_plot(result)
    _, rows = tap_rows(result, result.at)
    out = capsys.readouterr().out
    assert out.splitlines()[1:-1] == plot_lines(rows, len(rows), 80)
    assert out.splitlines()[-1] == "output 0,0 sees rows -6 to 6, columns -6 to 6"


def test_a_plain_drawing_has_no_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b" not in printed(capsys, "conv3")[0]


def test_any_layer_can_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    print_plot(receptive_field("conv3 conv3 gap"), 0)
    assert "RF 3×3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "settings", "words"),
    [
        ("conv3d2", {"axes": 1}, "output 0 sees pixels -2 to 2"),
        ("pool2 up2 conv2", {}, "output 1,1 sees rows 0 to 3, columns 0 to 3"),
        ("conv3 conv3", {"axes": 3}, "output 0,0,0 sees rows -2 to 2, columns -2 to 2"),
    ],
)
def test_the_output_and_its_place_are_named(
    capsys: pytest.CaptureFixture[str], text: str, settings: dict[str, Any], words: str
) -> None:
    assert words in printed(capsys, text, **settings)[0]


def test_an_unknown_place_is_not_named(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = printed(capsys, "conv3s2ps")
    assert "RF 3×3" in out
    assert "sees" not in out


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("gap", "exact"),
        ("conv3d500000", "exact"),
        ("conv40000", "exact"),
        ("tconv2s2 conv3", "paper"),
    ],
)
def test_where_nothing_can_be_drawn_a_line_says_why(
    capsys: pytest.CaptureFixture[str], text: str, rule: str
) -> None:
    out, err = printed(capsys, text, tconv_rule=rule)
    assert out == ""
    assert re.fullmatch(r"warning: no plot: .+\n", err)


def test_terminals_without_these_characters_get_others(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    print_plot(receptive_field("conv3d2"))
    sys.stdout.flush()
    assert b'|" " "|' in raw.getvalue()


def test_a_terminal_gets_the_same_characters_in_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _ = printed(capsys, "conv3d2")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for name, value in {"TERM": "xterm-256color", "NO_COLOR": "", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR")
    coloured, _ = printed(capsys, "conv3d2")
    assert coloured.startswith("\n\x1b[1mRF 5×5")
    assert "\x1b[36m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[36m" not in printed(capsys, "conv3d2")[0]
