"""A bar for people who wait, and none where nobody looks."""

from __future__ import annotations

import io
import re

import pytest

from dilcli.cli.progress import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _drawn(total: int, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    with progress(total) as step:
        for number in range(total):
            with step():
                stream.write(f"line {number}\n")
    return stream.getvalue()


def test_there_is_no_bar_without_a_terminal_nor_for_one_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert _drawn(2, io.StringIO(), monkeypatch) == "line 0\nline 1\n"
    assert _drawn(1, _Terminal(), monkeypatch) == "line 0\n"
    assert _drawn(0, _Terminal(), monkeypatch) == ""


def test_the_bar_counts_and_is_away_while_a_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    drawn = _drawn(3, _Terminal(), monkeypatch)
    assert re.findall(r"\d+%", drawn)[-1] == "100%"
    for number in range(3):
        # The line before was wiped, and the cursor stands at its beginning.
        assert re.search(rf"\x1b\[2Kline {number}\n", drawn)
    assert drawn.endswith("\x1b[2K")


def test_no_color_draws_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    drawn = _drawn(2, _Terminal(), monkeypatch)
    assert "100%" in drawn
    assert re.findall(r"\x1b\[(?:3|9)\d(?:;\d+)*m", drawn) == []


def test_an_error_ends_the_bar_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = _Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with pytest.raises(KeyboardInterrupt), progress(2) as step, step():
        raise KeyboardInterrupt
    assert stream.getvalue().endswith("\x1b[2K")
