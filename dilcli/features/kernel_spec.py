"""A kernel from any text that a user may give: a name, weights in line, or ``@file``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.errors import KernelError
from dilcli.files.kernel_files import read_weights

__all__ = ["load_kernel"]


def load_kernel(text: str) -> Kernel:
    """Read a kernel from its name, from weights in line, or from a file.

    Parameters
    ----------
    text : str
        ``sobel-y``, ``gaussian:sigma=1.5,size=7``, ``"1 2 1; 2 4 2; 1 2 1 / 16"``, or
        ``@kernel.npy`` (.txt, .csv, .npy, .json, vips .mat; ``~`` is the home folder).

    Returns
    -------
    Kernel
        Named after its bare name, its file's stem, or ``custom``.

    Raises
    ------
    KernelError
        One line that says what is wrong, and where.

    Examples
    --------
    >>> load_kernel("1 2 1 / 4")
    Kernel(weights=((0.25, 0.5, 0.25),), name='custom')
    """
    if not text.lstrip().startswith("@"):
        return parse_kernel(text)
    name = text.strip()[1:]
    if not name or "\0" in name:
        raise KernelError(f"kernel {text!r} names no file; write @kernel.npy")
    path = Path(name)
    if name.startswith("~"):
        with suppress(RuntimeError):  # no such user: then it is a file's odd name
            path = path.expanduser()
    return Kernel(read_weights(path), path.stem)
