"""The table of a comparison: what stands in it, and how narrow it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dilcli.cli.comparison_table import comparison_lines, laid_out, print_comparison
from dilcli.core.comparison import COSTLY_WAYS, WAYS
from dilcli.core.kernels import parse_kernel
from tests.features.test_compare import run

if TYPE_CHECKING:
    import pytest

PIXELS = np.random.default_rng(0).integers(0, 256, (64, 80), np.uint8)
HEADS = [
    *("way", "coverage", "params", "MACs/px", "max |diff|", "RMSE", "PSNR", "SSIM", "corr."),
    "time",
]


def test_at_80_columns_every_column_of_a_photographs_comparison_is_there() -> None:
    lines = comparison_lines(run(PIXELS, prefilter="gaussian", ways=(*WAYS, *COSTLY_WAYS)), 80)
    assert max(map(len, lines)) <= 80
    assert lines[2].replace("max |diff|", "max_|diff|").split() == [
        head.replace("max |diff|", "max_|diff|") for head in HEADS
    ]
    assert [line.split()[0] for line in lines[4:11]] == [*WAYS, *COSTLY_WAYS]
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
