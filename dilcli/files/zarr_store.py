"""Zarr: a folder with an array in chunks, of Zarr format 2 or 3, plain or as OME-Zarr.

Formats: the Zarr specifications 2 and 3; of an OME-Zarr the first level is read. A store is a
folder on this machine and never an address.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from dilcli.files.formats import FORMATS, missing_package
from dilcli.files.ome_zarr import first_level, picture_axes
from dilcli.files.records import Decoded, Header, Metadata
from dilcli.files.zarr_write import write_strips

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import zarr
    from numpy.typing import NDArray

    from dilcli.files.records import Options, Picture, Source
    from dilcli.files.rows import RowPicture

__all__ = ["decode", "encode", "inspect", "open_rows", "write_strips"]

#: How many names of arrays or groups a message lists.
_LISTED = 8


@dataclass(slots=True, eq=False)
class _Rows:
    """The rows of an array: ``axes`` are the places of y, x and, if there is one, c in it.

    The chunk rows of the last read are kept, so that strips that overlap decode no chunk twice.
    """

    array: zarr.Array[Any]
    axes: tuple[int, ...]
    threads: int = 1
    start: int = 0
    kept: NDArray[Any] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.array.shape[axis] for axis in self.axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        import numpy as np

        stored = self.array.dtype
        return np.dtype(np.uint8) if stored.kind == "b" else stored.newbyteorder("=")

    @property
    def together(self) -> int:
        # Of a sharded array these are the chunks inside the shards: each is decoded alone.
        return min(self.array.chunks[self.axes[0]], self.shape[0])

    def read(self, first: int, last: int) -> NDArray[Any]:
        """Return rows ``[first, last)`` as (rows, W, C), read-only because they are kept."""
        import numpy as np

        start = first - first % self.together
        stop = min(last + -last % self.together, self.shape[0])
        fresh, parts = start, []
        if self.kept is not None and self.start <= start < self.start + len(self.kept):
            parts.append(self.kept[start - self.start : stop - self.start])
            fresh += len(parts[0])
        if fresh < stop:
            parts.append(self._decoded(fresh, stop))
        self.start, self.kept = start, parts[0] if len(parts) == 1 else np.concatenate(parts)
        self.kept.flags.writeable = False
        return self.kept[first - start : last - start]

    def _decoded(self, start: int, stop: int) -> NDArray[Any]:
        import numpy as np
        import zarr

        picked: list[int | slice] = [0] * self.array.ndim
        for axis in self.axes:
            picked[axis] = slice(None)
        picked[self.axes[0]] = slice(start, stop)
        with zarr.config.set({"async.concurrency": self.threads}):
            found = np.asarray(self.array[tuple(picked)])
        left = sorted(self.axes)
        found = found.transpose([left.index(axis) for axis in self.axes])
        if found.dtype.kind == "b":
            found = found.astype(np.uint8) * np.uint8(255)
        rows = np.ascontiguousarray(found, self.dtype)
        return rows.reshape(*rows.shape[:2], -1)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")


def _refuse_group(source: Source, arrays: list[str], groups: list[str]) -> NoReturn:
    if arrays:
        what = f"holds {len(arrays)} arrays ({_listed(arrays)}); name one of them"
        raise source.error(f"{what}: {source.name}/{arrays[0]}")
    if groups:
        what = f"holds no array, only groups ({_listed(groups)}); name one of them"
        raise source.error(f"{what}: {source.name}/{groups[0]}")
    raise source.error("an empty Zarr group; there must be an array in it")


def _found(source: Source) -> tuple[zarr.Array[Any], list[str]]:
    """Return the array that is the picture, and the names of its axes."""
    import zarr
    from zarr.storage import LocalStore

    assert source.path is not None
    store = LocalStore(source.path, read_only=True)
    node = zarr.open(store, mode="r", use_consolidated=False)
    if isinstance(node, zarr.Group):
        level = first_level(source, node.attrs.asdict())
        if level is not None:
            array = node.get(level[0])
            if not isinstance(array, zarr.Array):
                raise source.error(f"{level[0]!r}, its first OME-Zarr level, is no array in it")
            return array, level[1]
        arrays = sorted(node.array_keys())
        if len(arrays) != 1:
            _refuse_group(source, arrays, sorted(node.group_keys()))
        node = zarr.open_array(store, path=arrays[0], mode="r")
    if node.ndim not in (2, 3):
        raise source.error(
            f"an array of shape {node.shape} is no picture without OME-Zarr axes; "
            "use (H, W) or (H, W, C)"
        )
    return node, list("yxc"[: node.ndim])


def _opened(source: Source, threads: int = 1) -> _Rows:
    package = missing_package("zarr")
    if package:
        raise source.error(package)
    array, names = _found(source)
    rows = _Rows(array, picture_axes(source, array.shape, names), threads)
    if array.dtype.kind not in "biuf" or rows.dtype.name not in FORMATS["zarr"].samples:
        raise source.error(f"an array of {array.dtype} is not read; integers, floats and bool are")
    if 0 in array.shape:
        raise source.error(f"an array of shape {array.shape} is no picture; it has no pixels")
    return rows


def _notes(rows: _Rows) -> tuple[str, ...]:
    return ("bool widened to 0 and 255",) if rows.array.dtype.kind == "b" else ()


def inspect(source: Source) -> Header:
    """Read what a store says about its array; no chunk is read."""
    rows = _opened(source)
    pixels = math.prod(rows.shape[:2])
    return Header("zarr", rows.shape, rows.dtype.name, alpha=False, frames=1, pixels=(pixels,))


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:  # noqa: ARG001 -- one array only
    """Read the array whole; other byte orders are made native, bool becomes 0 and 255."""
    rows = _opened(source)
    array = rows.read(0, rows.shape[0]).reshape(rows.shape)
    return Decoded((array,), Metadata(), _notes(rows), alpha=False)


@contextmanager
def open_rows(
    source: Source,
    indices: tuple[int, ...],  # noqa: ARG001 -- one array only
    threads: int,
) -> Iterator[RowPicture]:
    """Open the array; its rows are read from the chunks that hold them."""
    from dilcli.files.rows import RowPicture

    rows = _opened(source, threads)
    yield RowPicture((rows,), alpha=False, format="zarr", notes=_notes(rows))


def encode(picture: Picture, options: Options) -> NoReturn:  # noqa: ARG001 -- never done
    """Refuse, for a folder is no bytes; :func:`write_strips` makes one."""
    from dilcli.errors import ImageFileError

    raise ImageFileError("Zarr is a folder and no stream of bytes; name an output that ends .zarr")
