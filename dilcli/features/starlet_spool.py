"""Strips of many pages laid aside in one file without a name, until each page has its turn."""

from __future__ import annotations

import io
import tempfile
from contextlib import contextmanager
from math import prod
from typing import TYPE_CHECKING

from dilcli.errors import ImageFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Any, Self

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Spool"]

#: Bytes of a strip that is read back.
_BLOCK = 8 << 20


class Spool:
    """Pages that are made at the same time, strip by strip, and read one after another.

    Parameters
    ----------
    pages : sequence of (shape, dtype)
        What each page will be.
    folder : Path
        Where the file is, which has no name and goes with the process: beside the outputs, for
        the usual place of temporary files may be memory.
    memory : int
        Bytes that may be held instead of a file.
    """

    def __init__(
        self,
        pages: Sequence[tuple[tuple[int, ...], np.dtype[Any]]],
        folder: Path,
        memory: int,
    ) -> None:
        self._pages = tuple(pages)
        self._folder = folder
        self._starts = [0]
        for shape, dtype in pages:
            self._starts.append(self._starts[-1] + prod(shape) * dtype.itemsize)
        self._filled = self._starts[:-1]
        with self._one_line():
            self._file = (
                io.BytesIO() if self._starts[-1] <= memory else tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- closed by __exit__
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget what was laid aside."""
        self._file.close()

    def put(self, number: int, strip: NDArray[Any]) -> None:
        """Lay the next rows of a page aside.

        Raises
        ------
        ImageFileError
            If there is no room on the disk.
        """
        import numpy as np

        data = np.ascontiguousarray(strip, self._pages[number][1]).reshape(-1).view(np.uint8)
        if self._filled[number] + data.size > self._starts[number + 1]:
            raise AssertionError(f"page {number} has more rows than were promised")
        with self._one_line():
            self._file.seek(self._filled[number])
            self._file.write(data.data)
        self._filled[number] += data.size

    def strips(self, number: int) -> Iterator[NDArray[Any]]:
        """Read a page from its top, some rows at a time."""
        import numpy as np

        shape, dtype = self._pages[number]
        if self._filled[number] != self._starts[number + 1]:
            raise AssertionError(f"page {number} is not complete")
        row = prod(shape[1:]) * dtype.itemsize
        step = max(_BLOCK // row, 1)
        for first in range(0, shape[0], step):
            rows = min(step, shape[0] - first)
            with self._one_line():
                self._file.seek(self._starts[number] + first * row)
                data = self._file.read(rows * row)
            yield np.frombuffer(data, dtype).reshape(rows, *shape[1:])

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise ImageFileError(f"{self._folder}: cannot lay planes aside: {reason}") from error
