"""Writing a file, or a folder that is one picture, whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dilcli.errors import ImageFileError
from dilcli.files.guard import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["holds", "is_plain", "remove_temporary", "replacing", "replacing_folder", "write"]

#: Names that stand for open streams: /dev/stdout may well be a regular file underneath, and is
#: still to be written to and not replaced.
_STREAMS = ("/dev/stdout", "/dev/stderr")
_STREAM_FOLDERS = ("/dev/fd", "/proc/self/fd")

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _exists(path: Path) -> ImageFileError:
    return ImageFileError(f"output exists: {path} (use --overwrite)")


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    try:
        yield
    except ImageFileError:
        raise
    except OSError as error:
        raise ImageFileError(f"{path}: cannot write: {one_line(error)}") from error


def _temporary(target: Path, tag: str) -> Path:
    """Name what will take the target's name, in its folder: a rename must not cross disks."""
    return target.with_name(f".dilcli-{tag}{'-' * bool(tag)}{os.urandom(8).hex()}.tmp")


def _publish(temporary: Path, target: Path, *, overwrite: bool, shown: Path) -> None:
    """Give the finished file its name; without overwrite a file that came meanwhile stays."""
    if overwrite:
        temporary.replace(target)
        return
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise _exists(shown) from None
    except OSError as error:
        # Some file systems know no hard links: the check right before is the best they offer.
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(target):
            raise _exists(shown) from None
        temporary.replace(target)
    else:
        temporary.unlink()


def _is_special(path: Path, status: os.stat_result | None) -> bool:
    is_stream = str(path) in _STREAMS or str(path.parent) in _STREAM_FOLDERS
    return status is not None and (is_stream or not stat.S_ISREG(status.st_mode))


def is_plain(path: Path) -> bool:
    """Tell whether a name is free or a regular file's, so that :func:`replacing` may take it."""
    try:
        return not _is_special(path, _status(path))
    except OSError:
        return False


def _target(path: Path) -> Path:
    """Return the name that is taken: a symbolic link stays, and what it points to is replaced."""
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise ImageFileError(f"{path}: the folder {target.parent} does not exist")
    return target


def _file_status(path: Path) -> os.stat_result | None:
    status = _status(path)
    if status is not None and stat.S_ISDIR(status.st_mode):
        raise ImageFileError(f"{path}: is a folder; name a file in it")
    return status


@contextmanager
def _replacing(path: Path, *, overwrite: bool, tag: str) -> Iterator[BinaryIO]:
    status = _file_status(path)
    if _is_special(path, status):
        raise ImageFileError(
            f"{path}: is no regular file, and only such are written piece by piece"
        )
    if status is not None and not overwrite:
        raise _exists(path)
    target = _target(path)
    temporary = _temporary(target, tag)
    try:
        with temporary.open("x+b") as file:
            yield file
            file.flush()
            if status is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))
            os.fsync(file.fileno())
        _publish(temporary, target, overwrite=overwrite, shown=path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def replacing(path: Path, *, overwrite: bool = False, tag: str = "") -> Iterator[BinaryIO]:
    """Open a new file that takes a name when the block ends without an error.

    Parameters
    ----------
    path, overwrite, tag
        As in :func:`write`; a FIFO, device or stream is refused.

    Yields
    ------
    BinaryIO
        The temporary file, open for reading and writing.

    Raises
    ------
    ImageFileError
        As :func:`write`, also for an OSError of the block.
    """
    with _one_line(path), _replacing(path, overwrite=overwrite, tag=tag) as file:
        yield file


def holds(path: Path, data: bytes) -> bool:
    """Tell whether a file is there and holds these very bytes."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def write(path: Path, data: bytes, *, overwrite: bool = False, tag: str = "") -> None:
    """Write a file so that under its name there is the whole new content or the old one.

    The bytes go to a temporary file in the same folder, reach the disk, and take the name in one
    step. A symbolic link is written through, an existing file's mode kept, a new file's mode left
    to the umask. A FIFO or device is written to directly.

    Parameters
    ----------
    path, data
        The name and the whole content.
    overwrite
        Whether an existing file may be replaced.
    tag
        A word for the name of the temporary file, by which :func:`remove_temporary` finds it.

    Raises
    ------
    ImageFileError
        If the file exists and ``overwrite`` is false, the folder is missing, or the system
        refuses; what was there before is still there.
    """
    with _one_line(path):
        if _is_special(path, _file_status(path)):
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
            try:
                _write_all(descriptor, data)
            finally:
                os.close(descriptor)
            return
        with _replacing(path, overwrite=overwrite, tag=tag) as file:
            _write_all(file.fileno(), data)


def _remove(path: Path) -> None:
    """Remove a file or a tree, whether or not it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _publish_folder(temporary: Path, target: Path, tag: str) -> None:
    """Give the finished folder its name; what had it steps aside, and back if that fails."""
    if not os.path.lexists(target):
        temporary.rename(target)
        return
    doomed = _temporary(target, tag)
    # Nobody removes what has this name: between the two renames it is all there is.
    aside = doomed.with_suffix(".old")
    target.rename(aside)
    try:
        temporary.rename(target)
    except BaseException:
        aside.rename(target)
        raise
    aside.rename(doomed)
    _remove(doomed)


@contextmanager
def replacing_folder(path: Path, *, overwrite: bool = False, tag: str = "") -> Iterator[Path]:
    """Make a new folder that takes a name when the block ends without an error.

    What is yielded is empty and beside the target, and is removed if the block raises. With
    ``overwrite`` whatever has the name is replaced, a whole tree included: whether that may be
    lost is for the caller to ask. Otherwise as :func:`replacing`.
    """
    with _one_line(path):
        if not overwrite and _status(path) is not None:
            raise _exists(path)
        target = _target(path)
        temporary = _temporary(target, tag)
        temporary.mkdir()
        try:
            yield temporary
            if not overwrite and os.path.lexists(target):
                raise _exists(path)
            _publish_folder(temporary, target, tag)
        except BaseException:
            _remove(temporary)
            raise


def remove_temporary(folder: Path, tag: str) -> None:
    """Remove what killed processes left in a folder under a tag, files and trees.

    Without a tag nothing is removed, for others may be at work. A missing folder holds nothing.
    """
    if not folder.is_dir():
        return
    # Between an empty tag and the number stands a second hyphen, which no name has.
    ours = re.compile(rf"\.dilcli-{re.escape(tag)}-[0-9a-f]{{16}}\.tmp")
    with _one_line(folder):
        for entry in folder.iterdir():
            if ours.fullmatch(entry.name):
                _remove(entry)
