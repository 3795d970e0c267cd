"""Pictures read and written strip by strip: what does not fit into memory passes through it.

A strip is some rows that follow one another. TIFF, ``.npy`` and Zarr know where their rows lie;
all other formats are decoded and encoded whole.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, cast

from dilcli.errors import ImageFileError
from dilcli.files import fitting
from dilcli.files.checking import parse_options
from dilcli.files.formats import FORMATS
from dilcli.files.guard import guarded
from dilcli.files.reading import chosen, open_source
from dilcli.files.records import Metadata
from dilcli.files.sniff import sniff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.files.reading import Selection
    from dilcli.files.records import Header, Options, Source

__all__ = ["FrameRows", "RowPicture", "StripFrame", "open_rows", "write_strips"]

_T = TypeVar("_T")
_NO_METADATA = Metadata()


class FrameRows(Protocol):
    """The rows of one frame, decoded when they are asked for.

    ``shape`` is (H, W) or (H, W, C) as :func:`dilcli.files.read` would return it, ``dtype`` of
    native byte order. ``together`` rows are decoded at once, on a grid that starts at row 0: 1
    where any row can be read alone.
    """

    @property
    def shape(self) -> tuple[int, ...]: ...  # noqa: D102 -- said above
    @property
    def dtype(self) -> np.dtype[Any]: ...  # noqa: D102 -- said above
    @property
    def together(self) -> int: ...  # noqa: D102 -- said above

    def read(self, first: int, last: int) -> NDArray[Any]:
        """Return rows ``[first, last)`` as an array (rows, W, C); it may be read-only."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class RowPicture:
    """A file whose rows can be read on their own: a :class:`Picture` whose frames stay outside."""

    frames: tuple[FrameRows, ...]
    alpha: bool
    format: str
    metadata: Metadata = _NO_METADATA
    notes: tuple[str, ...] = ()


class StripFrame(NamedTuple):
    """A frame that is written while it is made: ``strips`` follow one another from the top.

    ``shape`` is (H, W) or (H, W, C), every strip an array (rows, W) or (rows, W, C) of ``dtype``.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    strips: Iterable[NDArray[Any]]


class _Codec(Protocol):
    def inspect(self, source: Source) -> Header: ...

    def open_rows(
        self, source: Source, indices: tuple[int, ...], threads: int
    ) -> AbstractContextManager[RowPicture]: ...

    def write_strips(
        self,
        path: Path,
        frames: Iterable[StripFrame],
        *,
        count: int,
        alpha: bool,
        metadata: Metadata,
        options: Options,
        overwrite: bool,
        tag: str,
        threads: int,
    ) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Guarded:
    """Rows whose errors say which file they are of."""

    rows: FrameRows
    doing: str

    @property
    def shape(self) -> tuple[int, ...]:
        return self.rows.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.rows.dtype

    @property
    def together(self) -> int:
        return self.rows.together

    def read(self, first: int, last: int) -> NDArray[Any]:
        with guarded(self.doing):
            return self.rows.read(first, last)


def _codec(format_: str) -> _Codec:
    return cast("_Codec", importlib.import_module(f"dilcli.files.{FORMATS[format_].module}"))


@contextmanager
def open_rows(
    source: Path | str | bytes,
    *,
    frames: Selection = None,
    name: str | None = None,
    threads: int = 1,
) -> Iterator[RowPicture]:
    """Open a picture file whose rows are read when they are wanted.

    Parameters
    ----------
    source, name, frames, threads
        As in :func:`dilcli.files.read`; so many threads may decode at a time.

    Yields
    ------
    RowPicture
        Its rows can be read, by one thread at a time, until the context ends. What goes wrong
        there is an :class:`ImageFileError` too.

    Raises
    ------
    ImageFileError
        As :func:`dilcli.files.read`, or if the file's rows cannot be read apart; the message says
        what stands in the way.
    """
    opened = open_source(source, name)
    with guarded(f"{opened.name}: cannot read"):
        format_ = sniff(opened)
    title = FORMATS[format_].title
    if not FORMATS[format_].strips:
        raise opened.error(f"{title} is decoded whole, not strip by strip")
    with ExitStack() as stack:
        with guarded(f"{opened.name}: cannot read {title}"):
            codec = _codec(format_)
            indices = chosen(frames, codec.inspect(opened).frames, opened)
            picture = stack.enter_context(codec.open_rows(opened, indices, threads))
        doing = f"{opened.name}: cannot decode {title}"
        yield replace(picture, frames=tuple(_Guarded(each, doing) for each in picture.frames))


def _watched(items: Iterable[_T], raised: list[Exception]) -> Iterator[_T]:
    """Hand items on, and remember what making them raised."""
    try:
        yield from items
    except Exception as error:
        raised.append(error)
        raise


def write_strips(
    path: Path,
    format: str,  # noqa: A002 -- the word of every picture library
    frames: Iterable[StripFrame],
    *,
    count: int = 1,
    alpha: bool = False,
    metadata: Metadata | None = None,
    compression: str | int | None = None,
    strip_metadata: bool = False,
    overwrite: bool = False,
    tag: str = "",
    threads: int = 1,
) -> None:
    """Write a picture while it is made, whole or not at all.

    Parameters
    ----------
    path, format
        Where it goes, and a name of :data:`FORMATS` that is written by strips.
    frames
        One after another; the strips of a frame are asked for before the next frame is.
    count
        How many frames there are.
    alpha
        Whether the last channel is straight alpha.
    metadata, compression, strip_metadata
        As in :func:`dilcli.files.encode`.
    overwrite, tag
        As in :func:`dilcli.files.write`.
    threads
        How many may compress at a time.

    Raises
    ------
    ImageFileError
        If the file exists and ``overwrite`` is false, or writing fails; what was there before is
        still there. What the strips raise passes through.
    """
    options, _ = parse_options(format, None, compression)
    metadata = metadata or Metadata()
    metadata = fitting.stripped(metadata) if strip_metadata else metadata
    if count == 1:
        metadata = replace(metadata, durations=(), loop=None)
    raised: list[Exception] = []
    made = (
        frame._replace(strips=_watched(frame.strips, raised)) for frame in _watched(frames, raised)
    )
    try:
        with guarded(f"{path}: cannot write {FORMATS[format].title}"):
            _codec(format).write_strips(
                path,
                list(made) if isinstance(frames, Sequence) else made,
                count=count,
                alpha=alpha,
                metadata=metadata,
                options=options,
                overwrite=overwrite,
                tag=tag,
                threads=threads,
            )
    except ImageFileError:
        if raised:
            raise raised[0] from None
        raise
