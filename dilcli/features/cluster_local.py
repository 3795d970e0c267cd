"""A scheduler and workers on this machine, for as long as they are needed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from dilcli.errors import DilcliError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["local_scheduler"]

#: Seconds until all workers have started, and until all processes are dead that were killed.
_PATIENCE, _FAREWELL = 60.0, 1.0
#: Run by a process that Ctrl-C in the terminal does not reach, nor the workers that it starts. It
#: ends them with itself when its standard input does, however that came about.
_PROGRAM = """
import os, signal, sys, threading
def end():
    sys.stdin.read()
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(0)
threading.Thread(target=end, daemon=True).start()
sys.path[:] = {path!r}
from distributed import LocalCluster
cluster = LocalCluster(
    n_workers={count}, threads_per_worker=1, memory_limit=0, dashboard_address=None,
    silence_logs=50,
)
print(cluster.scheduler_address, flush=True)
threading.Event().wait()
"""


@contextmanager
def local_scheduler(count: int) -> Iterator[str]:
    """Run a scheduler and workers; all of them are dead when the context has ended.

    Workers are killed at whatever they are. No trace of Dask is left, for it works in a folder of
    its own, but temporary files of the work may be.

    Parameters
    ----------
    count : int
        Workers, of one thread each.

    Yields
    ------
    str
        The scheduler's address, when all workers have joined.

    Raises
    ------
    DilcliError
        If they do not start.
    """
    with tempfile.TemporaryDirectory(prefix="dilcli-", ignore_cleanup_errors=True) as folder:
        path = [os.path.abspath(each) for each in sys.path]  # noqa: PTH100 -- "" is a folder too
        code = _PROGRAM.format(count=count, path=path)
        process = subprocess.Popen(  # noqa: S603 -- Python itself
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"DASK_TEMPORARY_DIRECTORY": folder},
            start_new_session=True,
        )
        said = SimpleQueue[str]()
        reader = Thread(target=_read, args=(process, said), daemon=True)
        try:
            reader.start()
            try:
                address = said.get(timeout=_PATIENCE).strip()
            except Empty:
                address = ""
            if not address:
                raise DilcliError("--scheduler local: no Dask scheduler could be started here")
            yield address
        finally:
            with suppress(OSError):
                if hasattr(os, "killpg"):
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()
            # What they write to is at its end when the last of them is dead.
            with suppress(RuntimeError):  # interrupted before it was started
                reader.join(_FAREWELL)
            process.wait()
            with suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]


def _read(process: subprocess.Popen[str], said: SimpleQueue[str]) -> None:
    """Pass the first line on, and read the others so that nobody waits to be read."""
    # Takes long, as it does over there; and in a thread Ctrl-C does not break it in the middle.
    import distributed  # noqa: F401

    assert process.stdout is not None
    with process.stdout as lines:
        said.put(lines.readline())
        for _ in lines:
            pass
