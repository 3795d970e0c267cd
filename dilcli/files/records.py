"""What a picture file is to the rest of the house: frozen records, no arrays made here."""

from __future__ import annotations

import io
import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from dilcli.errors import ImageFileError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Decoded", "Header", "JpegSettings", "Metadata", "Options", "Picture", "Source"]


@dataclass(frozen=True, slots=True)
class JpegSettings:
    """How a JPEG was compressed, so that it can be compressed the same way again.

    ``tables`` holds one quantisation table of 64 numbers a component, ``sampling`` is Pillow's
    number of the chroma sampling (0 = 4:4:4, 1 = 4:2:2, 2 = 4:2:0).
    """

    tables: tuple[tuple[int, ...], ...]
    sampling: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says beside its samples, as it is to be written again.

    The EXIF block starts with its byte order mark (no ``Exif`` header) and its orientation is 1,
    for the pixels stand upright. ``resolution`` is in pixels per inch, x before y. ``durations``
    are milliseconds, one a frame, ``()`` for stills and pages. ``loop`` says how often an
    animation is played, 0 for ever; ``None`` for what is no animation. ``png_colour`` holds the
    chunks that give PNG samples a meaning (cICP, gAMA, ...), ``photoshop`` the resource block
    with the IPTC record. ``lossy`` is true where the source was compressed with loss,
    ``uncompressed`` where it is a TIFF without compression, and ``associated_alpha`` where its
    last channel is an alpha that the colours are multiplied with.
    """

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    resolution: tuple[float, float] | None = None
    text: tuple[tuple[str, str], ...] = ()
    durations: tuple[float, ...] = ()
    loop: int | None = None
    jpeg: JpegSettings | None = None
    png_colour: tuple[tuple[str, bytes], ...] = ()
    photoshop: bytes | None = None
    lossy: bool = False
    associated_alpha: bool = False
    uncompressed: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of a file promise; nothing is decoded for it.

    ``shape`` is that of the first frame as :func:`dilcli.files.read` returns it, orientation
    applied: ``(H, W)``, ``(H, W, C)`` or, in an ``.npy`` file, ``(N,)``. ``pixels`` counts the
    places of each frame, channels not counted. ``associated_alpha`` and ``uncompressed`` as in
    :class:`Metadata`.
    """

    format: str
    shape: tuple[int, ...]
    dtype: str
    alpha: bool
    frames: int
    pixels: tuple[int, ...]
    associated_alpha: bool = False
    uncompressed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded file: its frames, what the last channel means, and what is said beside them.

    Every frame is ``(H, W)`` or ``(H, W, C)`` (an ``.npy`` also ``(N,)``), C-contiguous and of
    native byte order; it may be read-only. TIFF pages may differ in size. With ``alpha`` the last
    channel is straight (unassociated) alpha. ``notes`` say what reading changed.
    """

    frames: tuple[NDArray[Any], ...]
    alpha: bool
    format: str
    metadata: Metadata = Metadata()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What is written and how it is compressed; ``None`` is the format's default.

    ``threads`` says how many may compress at a time; the file does not depend on it.
    """

    format: str
    quality: int | None = None
    compression: str | int | None = None
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes with a name for messages, or a regular file that is read piece by piece.

    ``begun`` is what the format's own ``begin`` made of it, if :mod:`dilcli.files.ahead` asked.
    ``threads`` says how many may decode at a time.
    """

    name: str
    data: bytes | None = None
    path: Path | None = None
    begun: Any = None
    threads: int = 1

    def open(self) -> BinaryIO:
        """Open the source for reading; libraries get this and never a name of the user's."""
        if self.data is not None:
            return io.BytesIO(self.data)
        assert self.path is not None
        return self.path.open("rb")

    def bytes(self) -> bytes:
        """Return the whole source."""
        if self.data is not None:
            return self.data
        with self.open() as file:
            return file.read()

    def view(self) -> memoryview:
        """Return the whole source without reading it: pages of a file come as they are looked at.

        The file must not shrink meanwhile.
        """
        if self.data is not None:
            return memoryview(self.data)
        with self.open() as file:
            try:
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            except (OSError, ValueError):
                # An empty file, or a file system that cannot map.
                return memoryview(file.read())

    def size(self) -> int:
        """Return the number of bytes."""
        if self.data is not None:
            return len(self.data)
        assert self.path is not None
        return self.path.stat().st_size

    def error(self, what: str) -> ImageFileError:
        """Make the error that says what is wrong with this source."""
        return ImageFileError(f"{self.name}: {what}")


class Decoded(NamedTuple):
    """What a format's decoder hands over: the chosen frames and what came with them."""

    frames: tuple[NDArray[Any], ...]
    metadata: Metadata
    notes: tuple[str, ...]
    alpha: bool
