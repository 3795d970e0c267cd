"""Work on arrays sample by sample, cut into blocks of rows that fit a core's cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.correlate import threads_for
from dilcli.core.threads import spread

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["by_rows"]

#: Samples of a block: with two or three operands it stays in a second-level cache.
_BLOCK = 1 << 15


def by_rows(work: Callable[[slice], None], shape: tuple[int, ...], threads: int | None) -> None:
    """Do work on all rows of arrays, a block of rows at a time.

    Parameters
    ----------
    work : callable
        Works on the rows of a slice, apart from all other rows.
    shape : tuple of int
        Of the arrays, rows first.
    threads : int, optional
        As in `dilcli.correlate`.
    """
    samples = 1
    for side in shape[1:]:
        samples *= side
    step = max(_BLOCK // max(samples, 1), 1)
    blocks = [slice(first, min(first + step, shape[0])) for first in range(0, shape[0], step)]

    spread(lambda block, _: work(block), blocks, threads_for(shape[0] * samples, threads))
