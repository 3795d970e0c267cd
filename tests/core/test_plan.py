"""A plan says, before a sample is read, which rows are wanted and how many are held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.plan import grid_rows, plan_frame, planes_held, rows_wanted
from dilcli.core.recipe import Recipe
from dilcli.errors import ArgumentError

GAUSS = parse_kernel("gaussian:sigma=1,size=5")
IDENTITY = parse_kernel("identity")


@pytest.mark.parametrize(
    ("shape", "rows", "seen"),
    [((9,), 1, (1, 9, 1)), ((9, 5), 5, (9, 5, 1)), ((9, 5, 3), 5, (9, 5, 3))],
)
def test_a_frame_is_seen_as_rows_columns_and_channels(
    shape: tuple[int, ...], rows: int, seen: tuple[int, int, int]
) -> None:
    plan = plan_frame(shape, "uint8", Recipe(IDENTITY, stride=(2, 1)))
    assert (plan.rows, plan.shape) == (rows, seen)


def test_what_has_no_meaning_for_a_frame_is_refused_before_a_sample_is_read() -> None:
    with pytest.raises(ArgumentError, match="luma needs 1 or 3"):
        plan_frame((9, 5, 2), "uint8", Recipe(IDENTITY, luma=True))


@pytest.mark.parametrize(
    ("kernel", "rate", "rows", "runs"),
    [
        ("1; 1; 1", 1, (10, 20), ((9, 21),)),
        ("1; 1; 1", 4, (10, 20), ((6, 24),)),
        ("1; 1; 1", 40, (50, 55), ((10, 15), (50, 55), (90, 95))),
        ("1; 1; 1", 2, (0, 3), ((0, 5),)),
        ("1", 9, (3, 4), ((3, 4),)),
    ],
)
def test_the_rows_that_are_read_are_those_under_the_taps(
    kernel: str, rate: int, rows: tuple[int, int], runs: Any
) -> None:
    plan = plan_frame((100, 8), "uint8", Recipe(parse_kernel(kernel), ((rate, rate),)))
    assert rows_wanted(plan, rows) == runs


def test_kept_alpha_is_read_where_no_tap_stands() -> None:
    recipe = Recipe(parse_kernel("-1; 0; 0; 1"), ((30, 1),), origin=(0, 0), alpha="keep")
    plan = plan_frame((300, 8, 4), "uint8", recipe, alpha=True)
    assert rows_wanted(plan, (50, 52)) == ((50, 52), (140, 142))


def test_a_cascade_reads_what_its_later_rates_reach() -> None:
    recipe = Recipe(parse_kernel("1; 1; 1"), ((1, 1), (2, 2), (4, 4)), "cascade")
    plan = plan_frame((100, 8), "uint8", recipe)
    assert rows_wanted(plan, (50, 60)) == ((43, 67),)
    # 18 rows for the last rate (46 to 64), made from 22 rows (44 to 66).
    assert planes_held(plan, (50, 60)) == 18 + 22
    assert planes_held(plan_frame((100, 8), "uint8", Recipe(IDENTITY)), (50, 60)) == 0


def test_rows_are_asked_for_by_whole_rows_of_tiles() -> None:
    rng = np.random.default_rng(0)
    kernel = Kernel(tuple(map(tuple, rng.normal(size=(42, 42)).tolist())))
    plan = plan_frame((5000, 900), "uint8", Recipe(kernel, ((3, 3),)))
    rows = grid_rows(plan)
    assert plan.stencils[0].method == "fourier"
    first, last = rows_wanted(plan, (rows, 2 * rows))[0]
    reach = 42 // 2 * 3
    assert (first, last) == (rows - reach, 2 * rows + reach - 3)
    assert grid_rows(plan_frame((50, 9), "uint8", Recipe(GAUSS))) == 1
