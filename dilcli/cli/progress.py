"""A progress bar for people: on a terminal, and only where there is something to wait for."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["progress"]


@contextmanager
def progress(total: int) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Draw a bar on standard error while steps are done.

    Parameters
    ----------
    total : int
        How many steps there are; one alone gets no bar.

    Yields
    ------
    callable
        Gives a context that ends a step. The bar is away inside it, so that lines can be said.
    """
    if total < 2 or not sys.stderr.isatty():
        yield nullcontext
        return
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    steps = bar.add_task("", total=total)

    @contextmanager
    def step() -> Iterator[None]:
        bar.stop()
        try:
            yield
        finally:
            bar.advance(steps)
            bar.start()

    with bar:
        yield step
