"""Blocks of rows cover every row once."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.core.row_blocks import by_rows


@pytest.mark.parametrize("shape", [(1, 1), (7, 3, 2), (2000, 300), (3, 100_000), (5,)])
@pytest.mark.parametrize("threads", [1, 3, None])
def test_every_row_is_worked_on_once(shape: tuple[int, ...], threads: int | None) -> None:
    seen = np.zeros(shape)

    def work(rows: slice) -> None:
        seen[rows] += 1

    by_rows(work, shape, threads)
    assert (seen == 1).all()


def test_blocks_of_a_large_array_are_several() -> None:
    seen: list[slice] = []
    by_rows(seen.append, (1000, 1000), 1)
    assert len(seen) > 10
