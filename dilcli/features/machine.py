"""What the machine has, and what a run may take of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

__all__ = ["BASE", "Means", "default_memory", "keep_memory", "machine_memory"]

#: Bytes that a process takes before it holds a sample: interpreter, NumPy, image libraries, and
#: what they keep. Measured: 40 to 60 MB.
BASE = 64 << 20

#: Bytes of freed memory that a worker keeps for the next picture, and the numbers that glibc's
#: malloc.h has for what it keeps and for what it maps apart.
_KEPT, _TRIM_THRESHOLD, _MMAP_MAX = 256 << 20, -1, -4

#: Where the kernel says what a container may take (control groups, version 2 and 1).
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


class Means(NamedTuple):
    """Processors that a run may use, and bytes that all of its processes may take."""

    cores: int
    memory: int


def machine_memory() -> int:
    """Give the bytes of memory of the machine, or of the container where that is less."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in _LIMITS:
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal():
            found.append(int(text))
    return min(found)


def default_memory() -> int:
    """Give the bytes that a run takes at most unless it is told otherwise: half of what is there.

    The other half is for the system's file cache, which a run over many files lives on.
    """
    return machine_memory() // 2


def keep_memory() -> None:
    """Have this process keep what it frees, for the next picture of about the same size.

    The C library gives large blocks back to the system at once, and every picture faults them in
    anew: a third of the time of a run over JPEG files (``benchmarks/README.md``). Where the C
    library is another than glibc nothing changes.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_MMAP_MAX, 0)
        tune(_TRIM_THRESHOLD, _KEPT)
