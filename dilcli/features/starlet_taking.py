"""A frame taken apart strip by strip, and whether what is stored of it gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.window import Window
    from dilcli.features.starlet_source import StarletSource
    from dilcli.features.starlet_storage import Storage
    from dilcli.features.starlet_strips import Strip

__all__ = ["Take", "planes_of", "take_apart"]


class Take(Protocol):
    """Takes rows of a plane, of alpha after the residual."""

    def __call__(
        self, plane: int, first: int, values: NDArray[np.float64] | None, stored: NDArray[Any]
    ) -> None:
        """Take rows from the row `first` on.

        `values`, of shape (rows, W, C), are changed afterwards, and None for alpha; `stored` may
        be kept.
        """
        ...


def planes_of(
    frame: StarletSource, strips: Iterable[Strip], threads: int | None
) -> Iterator[NDArray[np.float64]]:
    """Compute the planes of a frame strip by strip, to be looked at."""
    from dilcli.core.starlet_rows import plane_rows, starlet_reads

    for strip in strips:
        window, _ = frame.read(starlet_reads(frame.plan, strip))
        yield from plane_rows(frame.plan, window, strip, threads)


def take_apart(
    frame: StarletSource,
    strips: Iterable[Strip],
    storage: Storage,
    take: Take,
    threads: int | None = None,
) -> float | None:
    """Take a frame apart.

    Parameters
    ----------
    frame : StarletSource
    strips : iterable of (int, int)
        All rows of it, from the top.
    storage : Storage
        What becomes of planes in a file.
    take : callable
        Gets the planes of each strip in order, w1 first, and alpha.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    float or None
        Between the frame and what its stored planes give back, the largest difference; None where
        that is no finite number.
    """
    from dilcli.core.starlet_rows import rebuilt_reads, rebuilt_rows, rows_of
    from dilcli.features.starlet_samples import apart, fitted

    largest: float | None = 0.0
    plan = frame.plan
    for strip in strips:
        window, alpha = frame.read(rebuilt_reads(plan, strip))

        def change(number: int, plane: Window, strip: Strip = strip) -> None:
            _store(plane, number - 1, strip, storage, take)

        rebuilt = rebuilt_rows(plan, window, strip, change, threads)
        here = rows_of(window, (strip,))
        found = apart(fitted(rebuilt, here.dtype)[0], here)
        largest = None if found is None or largest is None else max(largest, found)
        if alpha is not None:
            take(plan.levels + 1, strip[0], None, rows_of(alpha, (strip,)).copy())
    return largest


def _store(plane: Window, number: int, strip: Strip, storage: Storage, take: Take) -> None:
    """Hand out what is stored of a plane, and leave of the plane what that gives back."""
    from dilcli.core.starlet_rows import rows_of

    stored = storage.encode(plane.pixels)
    own = rows_of(plane._replace(pixels=stored), (strip,))
    # What is handed out stays: it must not be the plane itself, nor hold more rows than its own.
    shared = stored is plane.pixels or len(own) < len(stored)
    take(number, strip[0], rows_of(plane, (strip,)), own.copy() if shared else own)
    if stored is not plane.pixels:
        plane.pixels[...] = storage.decode(stored)
