"""A Dask cluster to work on: found or started, and seen to have the same versions."""

from __future__ import annotations

import logging
import time
import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import DilcliError
from dilcli.features.machine import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

    from dilcli.features.machine import Means

__all__ = ["DEATHS", "Cluster", "connected", "threads_of_workers"]

#: Workers that may die over one file before it is given up.
DEATHS = 3
#: Seconds to wait for a scheduler, for a first worker, and for another when all are gone.
_PATIENCE = 20.0
#: The share of a worker's memory that pictures may take.
_SHARE = 0.6


#: Run by workers of ours: Ctrl-C reaches all processes of the terminal, and this one will end them.
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"


class Cluster(NamedTuple):
    """A client, where its scheduler is, and the bytes a task may take on a worker."""

    client: Client
    address: str
    memory: int


@contextmanager
def connected(scheduler: str, means: Means) -> Iterator[Cluster]:
    """Connect to a scheduler, or start one, and see that its workers can do the work.

    Parameters
    ----------
    scheduler : str
        An address, or ``"local"``.
    means : Means
        Processes of a local cluster and the bytes they take together; a task elsewhere takes no
        more than these bytes either.

    Yields
    ------
    Cluster
        Until the context ends.

    Raises
    ------
    DilcliError
        If no scheduler or worker answers, or its versions are others.
    """
    from distributed import Client, LocalCluster

    log = logging.getLogger("distributed")
    level = log.level
    with ExitStack() as stack:
        stack.callback(log.setLevel, level)
        log.setLevel(logging.CRITICAL)
        # What differs between the packages is checked below, in words of our own.
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        try:
            if scheduler == "local":
                here = LocalCluster(
                    n_workers=means.cores,
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,
                    preload=(_DEAF,),
                )
                stack.callback(here.close, timeout=2)
                client = stack.enter_context(Client(here, timeout=_PATIENCE))
            else:
                client = stack.enter_context(Client(scheduler, timeout=_PATIENCE))
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise DilcliError(
                f"--scheduler {scheduler}: no worker has joined; "
                "start one with: dask worker ADDRESS"
            ) from None
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise DilcliError(
                f"--scheduler {scheduler}: no Dask scheduler answers there ({reason}); "
                "start one with: dask scheduler"
            ) from None
        _same_versions(client, scheduler)
        memory = means.memory // means.cores - BASE
        if scheduler != "local":
            memory = _worker_memory(client, means.memory)
        yield Cluster(client, scheduler, memory)


def _same_versions(client: Client, scheduler: str) -> None:
    """Refuse workers that have another dilcli, or packages that may give other samples."""

    # Defined here, so that it is sent whole: a worker need not have dilcli to answer.
    def versions() -> dict[str, str]:
        import platform
        from importlib import import_module

        found = {"Python": ".".join(platform.python_version_tuple()[:2])}
        for package in ("dilcli", "numpy", "distributed"):
            try:
                found[package] = import_module(package).__version__
            except ImportError:
                found[package] = "missing"
        return found

    wanted = versions()
    for worker, found in client.run(versions).items():
        other = [
            f"{name} {found[name]} (here {wanted[name]})"
            for name in wanted
            if found[name] != wanted[name]
        ]
        if other:
            raise DilcliError(
                f"--scheduler {scheduler}: worker {worker} has {', '.join(other)}; "
                "install the same versions there and here"
            )


def _worker_memory(client: Client, limit: int) -> int:
    """Give the bytes that a task may take on the smallest worker."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    shares = [
        (min(each["memory_limit"] or limit, limit)) * _SHARE / each["nthreads"] for each in workers
    ]
    return int(min(shares))


def threads_of_workers(cluster: Cluster) -> dict[str, int]:
    """Give the threads of each worker, by its address; waits for a worker where there is none."""
    patience = time.monotonic() + _PATIENCE
    while not (threads := cluster.client.nthreads()):
        if time.monotonic() > patience:
            raise DilcliError(f"--scheduler {cluster.address}: all workers are gone")
        time.sleep(0.2)
    return dict(threads)
