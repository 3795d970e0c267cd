"""A bar for people who wait, and none where nobody looks."""

from __future__ import annotations

import gc
import io
import re
from dataclasses import replace
from threading import Event

import pytest

from dilcli.cli.progress import Pace, progress
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.features.outcome import Outcome

MEGA = 10**6
DONE = Outcome("a.png", "b.png", "ok", Recipe(parse_kernel("box"), ((1, 1),)), pixels=MEGA)
SKIPPED = replace(DONE, status="skipped", pixels=0)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Watched(_Terminal):
    """A terminal that tells when a text is drawn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text, self.seen = text, Event()

    def write(self, text: str) -> int:
        if self._text in text:
            self.seen.set()
        return super().write(text)


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _ended(pace: Pace, clock: _Clock, *outcomes: Outcome, seconds: float = 1) -> None:
    for outcome in outcomes:
        clock.now += seconds
        pace.add(outcome)


def _drawn(total: int, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    with progress(total, total * MEGA) as bar:
        for number in range(total):
            bar.say(f"line\n{number}")
            bar.add(DONE)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def test_there_is_no_bar_without_a_terminal_nor_for_one_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _drawn(2, io.StringIO(), monkeypatch) == "line\\n0\nline\\n1\n"
    assert _drawn(1, _Terminal(), monkeypatch) == "line\\n0\n"
    assert _drawn(0, _Terminal(), monkeypatch) == ""


def test_the_bar_counts_and_is_away_while_a_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = _drawn(3, _Terminal(), monkeypatch)
    assert re.findall(r"\d/3", drawn)[-1] == "3/3"
    # The line of the bar was wiped, and the cursor stood at its beginning.
    assert "\r\x1b[2Kline\\n0\n" in drawn
    for number in range(3):
        assert drawn.count(f"line\\n{number}\n") == 1
    assert drawn.endswith("\x1b[2K")


def test_the_bar_fits_80_columns_and_a_said_line_is_neither_wrapped_nor_marked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = _Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    line = f"[bold]'{'x' * 100}'[/] :smile: 12 True a.png"
    with progress(100_000, 100_000 * MEGA) as bar:
        bar.say(line)
        bar.add(replace(DONE, pixels=MEGA * 10**9))
    lines = re.split(r"[\r\n]+", stream.getvalue())
    plain = [re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", drawn) for drawn in lines]
    assert f"\x1b[2K{line}" in lines
    bars = [drawn for drawn in plain if "left" in drawn]
    assert bars
    assert {len(drawn) for drawn in bars} == {80}
    assert "1/100000" in bars[-1]
    assert "Mpx/s" in bars[-1]


def test_bar_and_lines_are_drawn_while_a_file_is_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for text in ("1/2", "a line"):
        stream = _Watched(text)
        monkeypatch.setattr("sys.stderr", stream)
        with progress(2, 4 * MEGA) as bar:
            bar.add(DONE)
            bar.say("a line")
            assert stream.seen.wait(10)
    # A quarter of the pixels is done, and a quarter of the bar is drawn.
    drawn = re.findall(r"1/2 ((?:━|╸| )+) [\d.]+ Mpx/s", stream.getvalue())[-1]
    assert len(drawn.rstrip()) == pytest.approx(len(drawn) / 4, abs=1)


def test_no_color_draws_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    drawn = _drawn(2, _Terminal(), monkeypatch)
    assert "2/2" in drawn
    assert re.findall(r"\x1b\[(?:3|9)\d(?:;\d+)*m", drawn) == []


def test_an_error_ends_the_bar_says_what_waits_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = _Terminal()
    monkeypatch.setattr("sys.stderr", stream)

    def broken_off() -> None:
        with progress(2) as bar:
            bar.say("the last one")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert "the last one\n" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")


def test_nothing_is_told_of_speed_and_time_before_a_file_was_filtered() -> None:
    clock = _Clock()
    pace = Pace(10, 10 * MEGA, clock)
    assert (pace.count, pace.speed, pace.left, pace.share) == (" 0/10", "", "-:--:-- left", 0)
    pace.add(DONE)
    assert (pace.count, pace.speed, pace.left) == (" 1/10", "", "-:--:-- left")


def test_one_huge_picture_among_small_ones_is_most_of_the_time() -> None:
    clock = _Clock()
    pace = Pace(11, 4010 * MEGA, clock)
    _ended(pace, clock, *[DONE] * 10)
    assert (pace.count, pace.speed, pace.left) == ("10/11", "1.0 Mpx/s", "1:06:40 left")
    assert pace.share == pytest.approx(10 / 4010)


def test_time_left_runs_down_while_a_file_is_filtered_and_is_not_told_when_it_is_over() -> None:
    clock = _Clock()
    pace = Pace(2, 11 * MEGA, clock)
    _ended(pace, clock, DONE)
    clock.now += 4
    assert pace.left == "0:00:06 left"
    assert pace.speed == "1.0 Mpx/s"
    clock.now += 7
    assert pace.left == "-:--:-- left"


def test_where_pixels_are_not_known_files_are_counted() -> None:
    clock = _Clock()
    pace = Pace(10, 0, clock)
    _ended(pace, clock, *[DONE] * 4, seconds=2)
    assert (pace.left, pace.share, pace.speed) == ("0:00:12 left", 0.4, "0.5 Mpx/s")


def test_skipped_files_are_fast_and_do_not_make_the_others_so() -> None:
    clock = _Clock()
    for pixels in (0, 100 * MEGA):
        pace = Pace(100, pixels, clock)
        _ended(pace, clock, *[SKIPPED] * 50, seconds=0)
        _ended(pace, clock, *[DONE] * 10, seconds=2)
        assert pace.speed == "0.5 Mpx/s"
        assert pace.left in {"0:01:20 left", "0:01:12 left"}, "40 files take 80 seconds"


def test_a_picture_that_hides_its_pixels_is_like_those_to_come() -> None:
    clock = _Clock()
    pace = Pace(4, 40 * MEGA, clock)
    _ended(pace, clock, replace(DONE, pixels=10 * MEGA), replace(SKIPPED, status="failed"))
    assert pace.rest == 20 * MEGA
    assert pace.share == pytest.approx(1 / 3)
    _ended(pace, clock, *[replace(DONE, pixels=10 * MEGA)] * 2)
    assert (pace.rest, pace.share) == (0, 1)


@pytest.mark.parametrize(("total", "usual"), [(0, True), (1, False), (2, True)])
def test_garbage_is_looked_for_as_usual_once_many_files_are_worked_on(
    total: int, usual: bool
) -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(99_999, 10, 10)
        with progress(total):
            assert (gc.get_threshold()[0] == 700) is usual
    finally:
        gc.set_threshold(*before)
