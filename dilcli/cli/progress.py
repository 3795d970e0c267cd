"""A progress bar for people: on a terminal, and only where there is something to wait for."""

from __future__ import annotations

import gc
import sys
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from dilcli.cli.report import echo, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress

    from dilcli.features.outcome import Outcome

__all__ = ["Bar", "Pace", "progress"]

#: Seconds from one look of the bar to the next. Lines wait for it, since drawing the bar anew
#: below each of them would take longer than a small picture does.
_TICK = 0.1

#: Python's own settings of its garbage collector, which the start of the command changed: a run
#: over many files is not loading any more.
_USUAL = (700, 10, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """What a run does with its bar, be it drawn or not.

    Attributes
    ----------
    say : callable
        Says a line on standard error, above the bar.
    add : callable
        Takes the outcome of a file that ended.
    """

    say: Callable[[str], None]
    add: Callable[[Outcome], None]


class Pace:
    """How far a run is, how fast it goes, and how long it will take.

    rich measures the speed of the last half minute, in which a large picture may not end once;
    here it is that of the whole run.

    Parameters
    ----------
    files, pixels : int
        How many there are; 0 pixels if that is not known. Then files are counted instead.
    clock : callable, optional
        Gives seconds.
    """

    def __init__(
        self, files: int, pixels: int, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._files, self._pixels, self._clock = files, pixels, clock
        self._began = self._last = clock()
        self._ended = self._unknown = self._seen = self._filtered = self._work = 0

    def add(self, outcome: Outcome) -> None:
        """Count a file that ended; what was skipped or failed says nothing about the speed."""
        self._ended += 1
        self._unknown += not outcome.pixels
        self._seen += outcome.pixels
        if outcome.status == "ok":
            self._filtered += outcome.pixels
            self._work += outcome.pixels if self._pixels else 1
        self._last = self._clock()

    @property
    def rest(self) -> float:
        """Pixels, or files, that are still to come.

        Files that ended and did not say how many pixels they have are taken to have had as many
        as those to come.
        """
        left = max(self._files - self._ended, 0)
        if not self._pixels:
            return left
        return max(self._pixels - self._seen, 0) * left / max(left + self._unknown, 1)

    @property
    def share(self) -> float:
        """How much of the work is done, from 0 to 1."""
        done = self._seen if self._pixels else self._ended
        whole = done + self.rest
        return done / whole if whole else 1.0

    @property
    def count(self) -> str:
        """Files that ended, of all."""
        return f"{self._ended:{len(str(self._files))}}/{self._files}"

    @property
    def speed(self) -> str:
        """Megapixels a second until the last file ended."""
        spent = self._last - self._began
        return f"{self._filtered / spent / 1e6:.1f} Mpx/s" if self._filtered and spent > 0 else ""

    @property
    def left(self) -> str:
        """Time left; not told before a file was filtered, nor once that time is over."""
        spent = self._last - self._began
        if not self._work or spent <= 0:
            return "-:--:-- left"
        seconds = self.rest * spent / self._work - (self._clock() - self._last)
        if seconds < 0:
            return "-:--:-- left"
        minutes, second = divmod(int(seconds), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{second:02} left"


@contextmanager
def progress(total_files: int, total_pixels: int = 0) -> Iterator[Bar]:
    """Draw a bar on standard error while files are filtered.

    Parameters
    ----------
    total_files : int
        How many outcomes there will be; one alone gets no bar.
    total_pixels : int, optional
        How many pixels all of them have; 0 if that is not known.

    Yields
    ------
    Bar
        Says lines and counts outcomes. A line is drawn within a tenth of a second.
    """
    if total_files != 1:
        gc.set_threshold(*_USUAL)
    if total_files < 2 or sys.stderr is None or not sys.stderr.isatty():
        yield Bar(echo, lambda _: None)
        return
    from rich.text import Text

    pace = Pace(total_files, total_pixels)
    drawn, ended, waiting = _drawn(pace), Event(), deque[str]()

    def draw() -> None:
        said = [waiting.popleft() for _ in range(len(waiting))]
        if said:
            drawn.console.print(Text("\n".join(said)), soft_wrap=True)
        drawn.update(drawn.task_ids[0], completed=pace.share)
        drawn.refresh()

    def keep_drawing() -> None:
        while not ended.wait(_TICK):
            with suppress(OSError):  # The last drawing will say it.
                draw()

    clock = Thread(target=keep_drawing, daemon=True)
    with drawn:
        clock.start()
        try:
            yield Bar(lambda line: waiting.append(one_line(line)), pace.add)
        finally:
            ended.set()
            clock.join()
            draw()


def _drawn(pace: Pace) -> Progress:
    """Make the bar of a pace, which rich asks for its words whenever it draws."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    words = ("count", "speed", "left")
    count, speed, left = (
        TextColumn(f"{{task.fields[pace].{word}}}", markup=False, justify="right") for word in words
    )
    bar = Progress(
        count,
        BarColumn(bar_width=None),
        speed,
        left,
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task("", total=1.0, pace=pace)
    return bar
