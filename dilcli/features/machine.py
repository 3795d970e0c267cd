"""What the machine has, and what a run may take of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["BASE", "Means", "default_memory", "machine_memory"]

#: Bytes that a process takes before it holds a sample: interpreter, NumPy, image libraries, and
#: what they keep. Measured: 40 to 60 MB.
BASE = 64 << 20

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
