"""Work on strips by several threads, each with memory of its own."""

from __future__ import annotations

import os
from collections import deque
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from numpy.typing import NDArray

__all__ = ["Scratch", "available_threads", "spread"]

Job = TypeVar("Job")
Value = TypeVar("Value")
Sample = TypeVar("Sample", bound=np.generic)


class Scratch:
    """What one thread makes once and uses again: fresh memory costs page faults.

    Arrays of one name share their memory, so at most one of them is in use at a time.
    """

    def __init__(self) -> None:
        self._buffers: dict[str, NDArray[np.uint8]] = {}
        self._kept: dict[Hashable, Any] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Sample]) -> NDArray[Sample]:
        """Give an array with arbitrary content, in the memory that belongs to a name."""
        size = int(np.prod(shape)) * dtype.itemsize
        buffer = self._buffers.get(name)
        if buffer is None or buffer.size < size:
            # Strips of one picture differ by a row or so: leave room for the largest.
            buffer = self._buffers[name] = np.empty(size + size // 4, np.uint8)
        return buffer[:size].view(dtype).reshape(shape)

    def keep(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Give what was made for a key before, or make it."""
        if key not in self._kept:
            self._kept[key] = make()
        value: Value = self._kept[key]
        return value


def available_threads() -> int:
    """Count the processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(work: Callable[[Job, Scratch], None], jobs: Iterable[Job], threads: int) -> None:
    """Do every job once, on so many threads, each with scratch of its own.

    Parameters
    ----------
    work : callable
        Does one job with the scratch of its thread.
    jobs : iterable
        What to do. The first error ends the work and is raised here.
    threads : int
        At least 1.
    """
    waiting = deque(jobs)

    def drain() -> None:
        scratch = Scratch()
        # Overflow and NaN are results here, not accidents; the state is a thread's own.
        with np.errstate(all="ignore"):
            while waiting:
                try:
                    job = waiting.popleft()
                except IndexError:  # another thread took the last one
                    return
                try:
                    work(job, scratch)
                except BaseException:
                    waiting.clear()  # the other threads end too
                    raise

    failures: list[BaseException] = []

    def help_out() -> None:
        try:
            drain()
        except BaseException as failure:
            failures.append(failure)

    # Threads of one's own: an executor takes longer to load and to start than a small picture.
    helpers = [Thread(target=help_out) for _ in range(min(threads, len(waiting)) - 1)]
    for helper in helpers:
        helper.start()
    try:
        drain()
    finally:
        waiting.clear()
        for helper in helpers:
            helper.join()
    if failures:
        raise failures[0]
