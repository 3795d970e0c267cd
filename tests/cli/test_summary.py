"""What a run came to: counts as outcomes stream by, a few lines at its end."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from dilcli.cli.report import say
from dilcli.cli.summary import Tally, say_summary, summary_line
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.features.outcome import Outcome

if TYPE_CHECKING:
    import pytest

RECIPE = Recipe(parse_kernel("box"), ((1, 1),))
DONE = Outcome(
    "a.png", "b.png", "ok", RECIPE, clipped=0, samples=600_000, pixels=200_000, shape=(1, 1)
)
CLIPPED = replace(DONE, clipped=300)
SKIPPED = replace(DONE, status="skipped", clipped=None, samples=0, pixels=0)
FAILED = Outcome("c\n.png", None, "failed", RECIPE, "cut off")
ALL = (DONE, CLIPPED, FAILED, SKIPPED, DONE, CLIPPED)


def _tally(*outcomes: Outcome, planned: int | None = None) -> Tally:
    start = Tally(len(outcomes) if planned is None else planned)
    return reduce(Tally.plus, outcomes, start)


def test_outcomes_are_counted_by_what_became_of_them() -> None:
    tally = _tally(*ALL, planned=7)
    assert (tally.done, tally.skipped, len(tally.failures), tally.not_tried) == (4, 1, 1, 1)
    assert (tally.clipped, tally.clipped_samples, tally.samples) == (2, 600, 2_400_000)
    assert tally.pixels == 800_000


def test_counting_leaves_the_tally_before_it_alone() -> None:
    start = Tally(7)
    _ = [start.plus(outcome) for outcome in ALL]
    assert start == Tally(7)


def test_what_never_came_was_not_tried() -> None:
    assert _tally(DONE, planned=5).not_tried == 4
    assert _tally(DONE, FAILED, SKIPPED).not_tried == 0


def test_a_summary_tells_counts_clipping_and_speed_and_failures_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say(FAILED)
    (as_said,) = capsys.readouterr().err.splitlines()
    say_summary(_tally(*ALL, planned=7), 3.21, ["12 files that are no pictures", "3 others"])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "outputs      4 done, 1 skipped, 1 failed, 1 not tried",
        "clipped      2 outputs: 600 of 2400000 samples (0.0%)",
        "passed over  12 files that are no pictures, 3 others",
        "time         0.8 Mpx in 3.2 s, 0.2 Mpx/s",
        as_said,
    ]
    assert as_said == "Error: c\\n.png: cut off"


def test_a_summary_leaves_out_what_did_not_happen(capsys: pytest.CaptureFixture[str]) -> None:
    say_summary(_tally(SKIPPED, replace(DONE, pixels=0)), 0.04)
    assert capsys.readouterr().err.splitlines() == [
        "outputs  1 done, 1 skipped, 0 failed",
        "time     0.0 s",
    ]


def test_one_of_a_kind_is_not_many(capsys: pytest.CaptureFixture[str]) -> None:
    say_summary(_tally(CLIPPED, DONE), 0.0)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == "clipped  1 output: 300 of 1200000 samples (0.0%)"


def test_one_output_has_said_it_all(capsys: pytest.CaptureFixture[str]) -> None:
    say_summary(_tally(FAILED), 1.0)
    assert capsys.readouterr() == ("", "")


def test_a_large_run_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(10**7, 10**6, 10**6, (), 10**6, 10**12, 10**13, 10**13)
    say_summary(tally, 10.0**6)
    assert max(map(len, capsys.readouterr().err.splitlines())) <= 80


def test_the_log_has_the_summary_in_one_line() -> None:
    line = summary_line(_tally(*ALL, planned=7), 3.21)
    assert line.level == "info"
    assert line.entry == (
        "outputs: 4 done, 1 skipped, 1 failed, 1 not tried; "
        "clipped: 2 outputs: 600 of 2400000 samples (0.0%); "
        "time: 0.8 Mpx in 3.2 s, 0.2 Mpx/s"
    )
