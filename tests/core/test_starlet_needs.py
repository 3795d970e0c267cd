"""What is needed for rows is enough, and no more than the taps reach."""

from __future__ import annotations

import pytest

from dilcli.core.starlet_needs import planes_needs, rebuilding_needs
from dilcli.core.starlet_plan import plan_starlet


def test_generation_1_needs_what_the_cascade_reaches() -> None:
    plan = plan_starlet((1000, 10), float, 3)
    needs = planes_needs(plan, (500, 540))
    reaches = (14, 12, 8, 0)
    assert needs.smooths == tuple(((500 - reach, 540 + reach),) for reach in reaches)
    assert needs.planes == (((500, 540),),) * 4
    assert rebuilding_needs(plan, ((500, 540),)) == needs


def test_generation_2_smooths_once_more_and_rebuilds_from_more() -> None:
    plan = plan_starlet((1000, 10), float, 2, generation=2)
    assert planes_needs(plan, (500, 540)).smooths == (((490, 550),), ((492, 548),), ((496, 544),))
    needs = rebuilding_needs(plan, ((500, 540),))
    assert needs.planes == (((500, 540),), ((498, 542),), ((494, 546),))
    assert needs.smooths[0] == ((488, 552),)


@pytest.mark.parametrize("generation", [1, 2])
def test_all_rows_need_all_rows_and_far_levels_skip_rows_between(generation: int) -> None:
    plan = plan_starlet((4000, 10), float, 9, generation=generation)
    assert set(planes_needs(plan, (0, 4000)).smooths) == {((0, 4000),)}
    runs = planes_needs(plan_starlet((4000, 3), float, 9, generation=1), (2000, 2001)).smooths[8]
    assert len(runs) == 5
    assert sum(last - first for first, last in runs) == 5
