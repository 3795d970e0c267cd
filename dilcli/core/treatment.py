"""What is done to pictures, seen from outside: laid out for a frame, and done to strips of it.

A `dilcli.core.recipe.Recipe` filters with a dilated kernel, a
`dilcli.core.starlet_recipe.StarletRecipe` transforms by the algorithme à trous; pictures in
memory, pictures that pass through strip by strip and workers of a cluster treat them alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    import numpy as np
    from numpy.typing import DTypeLike, NDArray

    from dilcli.core.noise_found import NoiseFound
    from dilcli.core.response import Response
    from dilcli.core.window import Runs, Window

__all__ = ["Frame", "Layout", "Treated", "Treatment"]


class Layout(NamedTuple):
    """What a treated frame will be.

    Attributes
    ----------
    shape : tuple of int
        (N,), (H, W) or (H, W, C).
    dtype : dtype
        Of its samples.
    alpha : bool
        Whether the last channel is alpha.
    response : str
        How responses become samples, never ``"auto"``.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    alpha: bool
    response: Response


class Treated(NamedTuple):
    """Some rows of a frame, or all of them, treated.

    Attributes
    ----------
    samples : ndarray of shape (rows, columns, C)
        Of the output's type.
    clipped : int
        Samples that were outside the range of the output's type.
    kept : ndarray of shape (J, C) or None
        How many details of each level and channel reached their threshold; None where there is
        none.
    """

    samples: NDArray[Any]
    clipped: int
    kept: NDArray[np.int64] | None = None


class Frame(Protocol):
    """A treatment laid out for one frame, before a sample of it is read."""

    @property
    def layout(self) -> Layout:
        """What it will be."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels that are read."""

    @property
    def source(self) -> np.dtype[Any]:
        """Type of the samples that are read."""

    @property
    def rows(self) -> int:
        """Rows of outputs; a row of samples is one."""

    @property
    def grid(self) -> int:
        """Output rows that are best asked for together, from a multiple of them on."""

    def reads(self, rows: tuple[int, int], order: Any = None) -> Runs:
        """Say which rows are read for an order about output rows ``[first, last)``.

        Without an order: for making them.
        """

    def held(self, rows: tuple[int, int]) -> int:
        """Give the bytes of real numbers that are held while output rows are made."""

    def scratch(self) -> int:
        """Give the bytes of the arrays that a thread works in."""

    def settle(self, ask: Callable[[Any], Iterator[Any]]) -> Any:
        """Settle what must be known of the whole frame, and give the order for making rows.

        `ask` has an order carried out on all strips of the frame, and gives their answers from
        the top. It is called as often as is needed, or not at all.
        """

    def carry_out(
        self, order: Any, window: Window, rows: tuple[int, int], threads: int | None
    ) -> Any:
        """Carry out an order on output rows ``[first, last)``: an answer for `settle`, or Treated.

        The bits of what is made do not depend on which rows are made together.
        """

    def whole(self, pixels: NDArray[Any], threads: int | None) -> tuple[Treated, Any]:
        """Treat a frame in memory, an array of `shape`; and give what was settled."""

    def noise(self, settled: Any, kept: NDArray[np.int64] | None) -> NoiseFound | None:
        """Tell what was found of noise and done about it; None where it is not looked for."""


class Treatment(Protocol):
    """What is done to each frame of a picture."""

    @property
    def weighs_alpha(self) -> bool:
        """Whether alpha weighs colours and is treated itself."""

    def layout(self, shape: tuple[int, ...], dtype: DTypeLike, *, alpha: bool) -> Layout:
        """Say what becomes of a frame; an `ArgumentError` if there is no meaning in it."""

    def lay_out(self, shape: tuple[int, ...], dtype: DTypeLike, *, alpha: bool) -> Frame:
        """Lay out what is done to a frame; errors as for `layout`."""

    def held(self, dtype: DTypeLike) -> int:
        """Give the bytes held for each sample of a picture in memory, beside input and output."""

    def remarks(self, shape: tuple[int, ...]) -> tuple[str, ...]:
        """Say what is worth knowing about the result, by the shape of the picture alone."""
