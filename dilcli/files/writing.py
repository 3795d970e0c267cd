"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from dilcli.errors import ImageFileError
from dilcli.files.guard import one_line

__all__ = ["write"]

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


def _replace(path: Path, target: Path, data: bytes, mode: int | None, *, overwrite: bool) -> None:
    temporary = target.with_name(f".dilcli-{os.urandom(8).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            _write_all(descriptor, data)
            if mode is not None:
                os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _publish(temporary, target, overwrite=overwrite, shown=path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write(path: Path, data: bytes, *, overwrite: bool) -> None:
    status = _status(path)
    if status is not None and stat.S_ISDIR(status.st_mode):
        raise ImageFileError(f"{path}: is a folder; name a file in it")
    is_stream = str(path) in _STREAMS or str(path.parent) in _STREAM_FOLDERS
    if status is not None and (is_stream or not stat.S_ISREG(status.st_mode)):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            _write_all(descriptor, data)
        finally:
            os.close(descriptor)
        return
    if status is not None and not overwrite:
        raise _exists(path)
    # A symbolic link is written through: the link stays and its target is replaced.
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise ImageFileError(f"{path}: the folder {target.parent} does not exist")
    mode = None if status is None else stat.S_IMODE(status.st_mode)
    _replace(path, target, data, mode, overwrite=overwrite)


def write(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file so that under its name there is the whole new content or the old one.

    The bytes go to a temporary file in the same folder, reach the disk, and take the name in one
    step. A symbolic link is written through, an existing file's mode kept, a new file's mode left
    to the umask. A FIFO or device is written to directly.

    Raises
    ------
    ImageFileError
        If the file exists and ``overwrite`` is false, the folder is missing, or the system
        refuses; what was there before is still there.
    """
    try:
        _write(path, data, overwrite=overwrite)
    except ImageFileError:
        raise
    except OSError as error:
        raise ImageFileError(f"{path}: cannot write: {one_line(error)}") from error
