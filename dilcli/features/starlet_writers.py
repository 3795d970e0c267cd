"""Files written at the same time, each by a thread of its own from strips that are handed to it."""

from __future__ import annotations

from collections import deque
from threading import Condition, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType
    from typing import Any, Self

    from numpy.typing import NDArray

__all__ = ["Writers"]

#: Strips of a file that wait while one is written: the next is made meanwhile.
_DEPTH = 1


class _StoppedError(Exception):
    """What a writer meets in the place of a strip when it is to leave nothing behind."""


class Writers:
    """Writers that run while what they write is made.

    What a file's writer pulls, an iterator of strips, is turned round: the one who makes strips of
    several files at a time hands them out. As a context manager it gives a strip to none of them
    after one has failed, and the others end without a file. Where all strips are written, all
    writers learn of their end together, so that up to there no file gets its name.

    Parameters
    ----------
    writes : sequence of callable
        Each writes one file from an iterator of strips, whole or not at all, and lets through
        what the iterator raises.

    Raises
    ------
    Exception
        At the end of the context, or when a strip is handed out: what the first writer that
        failed has raised.
    """

    def __init__(self, writes: Sequence[Callable[[Iterator[NDArray[Any]]], None]]) -> None:
        self._changed = Condition()
        self._lines: list[deque[NDArray[Any]]] = [deque() for _ in writes]
        self._idle = [False] * len(writes)
        self._running = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._threads = [
            Thread(target=self._run, args=(number, write), name=f"writer {number}")
            for number, write in enumerate(writes)
        ]

    def __enter__(self) -> Self:
        """Start the writers."""
        try:
            for thread in self._threads:
                thread.start()
                with self._changed:
                    self._running += 1
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the writers end, or stop them if the block raised."""
        try:
            if error is None:
                self._end()
        finally:
            self._stop()

    def put(self, number: int, strip: NDArray[Any]) -> None:
        """Hand a strip to a writer, which keeps it; wait while others wait in its line."""
        line = self._lines[number]
        with self._changed:
            self._changed.wait_for(lambda: self._failure is not None or len(line) < _DEPTH)
            if self._failure is not None:
                raise self._failure
            line.append(strip)
            self._idle[number] = False
            self._changed.notify_all()

    def _run(self, number: int, write: Callable[[Iterator[NDArray[Any]]], None]) -> None:
        failure: BaseException | None = None
        try:
            write(self._strips(number))
            if not self._ended or self._lines[number]:
                failure = AssertionError("a writer ended before its strips")
        except BaseException as error:  # it is raised where strips are handed out
            failure = error
        with self._changed:
            self._idle[number] = True
            self._running -= 1
            self._failure = self._failure or failure
            self._changed.notify_all()

    def _strips(self, number: int) -> Iterator[NDArray[Any]]:
        line = self._lines[number]
        while True:
            with self._changed:
                self._idle[number] = not line
                self._changed.notify_all()
                self._changed.wait_for(lambda: line or self._ended or self._failure is not None)
                if self._failure is not None:
                    raise _StoppedError("another file failed")
                if not line:
                    return
                strip = line.popleft()
                self._changed.notify_all()
            yield strip
            del strip  # or it would be held while the next one is waited for

    def _end(self) -> None:
        """Wait until all strips are written, then let all files be finished."""
        with self._changed:
            self._changed.wait_for(lambda: self._failure is not None or all(self._idle))
            self._ended = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running)
        if self._failure is not None:
            raise self._failure

    def _stop(self) -> None:
        with self._changed:
            self._failure = self._failure or _StoppedError("the strips ended early")
            self._changed.notify_all()
            # To join a thread would not do: where that is interrupted (by Ctrl-C, in Python 3.11)
            # the thread counts as ended from then on, and its temporary file might be left.
            self._changed.wait_for(lambda: not self._running)
        for thread in self._threads:
            if thread.ident is not None:  # it was started
                thread.join()
