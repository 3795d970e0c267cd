"""The table of a comparison: what stands in it, and how narrow it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.cli.comparison_table import comparison_lines, laid_out, print_comparison
from dilcli.core.comparison import WAYS
from dilcli.core.kernels import parse_kernel
from tests.features.test_compare import run as compared

if TYPE_CHECKING:
    from dilcli.features.compare import Run

PIXELS = np.random.default_rng(0).integers(0, 256, (64, 80), np.uint8)
HEADS = [
    *("way", "coverage", "params", "MACs/px", "max |diff|", "RMSE", "PSNR", "SSIM", "corr."),
    "time",
]


def run(*arguments: Any, **settings: Any) -> Run:
    """Compare, and pretend that every way took as long as the widest text says."""
    made = compared(*arguments, **settings)
    ways = tuple(way._replace(seconds=0.0345) for way in made.comparison.ways)
    return made._replace(comparison=made.comparison._replace(ways=ways))


def test_at_80_columns_every_column_of_a_photographs_comparison_is_there() -> None:
    lines = comparison_lines(run(PIXELS, prefilter="gaussian"), 80)
    assert max(map(len, lines)) <= 80
    assert lines[2].replace("max |diff|", "max_|diff|").split() == [
        head.replace("max |diff|", "max_|diff|") for head in HEADS
    ]
    assert [line.split()[0] for line in lines[4:9]] == [*WAYS]
    assert not any(line.startswith("Left out") for line in lines)
    assert "prefilter" in "".join(lines)
    assert "interpolation" in "".join(lines)


def test_below_the_table_are_the_identity_the_range_aliasing_and_gridding() -> None:
    text = "\n".join(comparison_lines(run(PIXELS), 80))
    assert "identity: 1280 sampled positions, exact\n" in text
    assert "\ndata range: " in text
    assert "% of the energy is above the lattice's Nyquist frequency" in text
    assert "gridding: spread between 4 phases" in text
    assert "interpolation" not in text
    dense = "\n".join(comparison_lines(run(PIXELS, (1, 1)), 80))
    assert "gridding" not in dense


def test_identical_responses_are_inf_decibels_and_1_and_others_never_are() -> None:
    rows = comparison_lines(run(PIXELS), 120)[4:9]
    assert rows[0].split()[6:9] == ["inf", "1", "1"]
    smooth = np.cos(np.arange(64) / 20) + np.zeros((64, 1))
    bicubic = comparison_lines(run(smooth, kernel=parse_kernel("box")), 120)[8].split()
    assert float(bicubic[6]) > 40
    assert bicubic[7:9] == ["0.9999", "0.9999"]


@given(st.integers(5, 60))
def test_a_narrow_terminal_loses_columns_from_the_right_and_never_digits(width: int) -> None:
    columns = {"way": ["dilated", "b"], "RMSE": ["0", "12.25"], "PSNR": ["inf", "3.5"]}
    columns["time"] = ["12 ms", "1.25 s"]
    lines = laid_out(columns, width)
    kept = [head for head in columns if head in lines[0].split()]
    assert kept == list(columns)[: len(kept)]
    for place in range(2):
        assert "  ".join(lines[2 + place].split()) == "  ".join(
            " ".join(columns[head][place] for head in kept).split()
        )
    if len(kept) > 1:
        assert max(len(line) for line in lines[:4]) <= width
    missing = [head for head in columns if head not in kept]
    assert lines[4:] == ([f"Left out at {width} columns: {', '.join(missing)}."] if missing else [])


def test_it_is_printed_as_wide_as_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "45")
    print_comparison(run(PIXELS))
    assert "Left out at 45 columns: " in capsys.readouterr().out


@given(st.floats(0, 999))
def test_a_time_takes_about_six_characters(seconds: float) -> None:
    made = compared(PIXELS[:8, :8], ways=("dilated",))
    (way,) = made.comparison.ways
    late = made._replace(comparison=made.comparison._replace(ways=(way._replace(seconds=seconds),)))
    value, unit = comparison_lines(late, 120)[4].split()[-2:]
    assert unit in ("ms", "s")
    assert len(f"{value} {unit}") <= 7
    assert float(value) * (0.001 if unit == "ms" else 1) == pytest.approx(
        seconds, rel=0.05, abs=1e-4
    )


def test_a_picture_smaller_than_the_rate_has_fewer_phases() -> None:
    text = "\n".join(comparison_lines(run(PIXELS[:3], (9, 2)), 80))
    assert "gridding: spread between 6 phases" in text
