"""A Dask cluster to work on: found or started, and seen to have the same versions."""

from __future__ import annotations

import logging
import re
import time
import warnings
from asyncio import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from difflib import get_close_matches
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import ArgumentError, DilcliError
from dilcli.features.cluster_local import local_scheduler
from dilcli.features.machine import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

    from dilcli.features.machine import Means

__all__ = ["DEATHS", "Cluster", "check_scheduler", "connected", "threads_of_workers"]

#: Workers that may die over one file before it is given up.
DEATHS = 3
#: Seconds to wait for a scheduler, for a first worker, and for another when all are gone.
_ANSWER, _PATIENCE = 20.0, 20.0
#: Seconds to wait for a client to close.
_FAREWELL = 1.0
#: The share of a worker's memory that pictures may take.
_SHARE = 0.6
#: Who says on standard error what is said here in words of our own; each has its own level.
_LOUD = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")
_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:.%]+\]|[^\s:/]+):\d+")


class Cluster(NamedTuple):
    """A client, where its scheduler is, and the bytes a task may take on a worker."""

    client: Client
    address: str
    memory: int

    def check(self) -> None:
        """Raise DilcliError if the scheduler is gone."""
        if self.client.status != "running":
            raise self.gone()

    def gone(self) -> DilcliError:
        """Say that the scheduler is gone."""
        return DilcliError(
            f"--scheduler {self.address}: the scheduler is gone; "
            "outputs that were finished are whole, --skip-existing makes the others"
        )


def check_scheduler(scheduler: str) -> None:
    """Raise ArgumentError for what is neither ``"local"`` nor an address."""
    if scheduler == "local" or "://" in scheduler or _HOST_AND_PORT.fullmatch(scheduler):
        return
    near = get_close_matches(scheduler.lower(), ["local"], 1, 0.75)
    hint = "did you mean 'local'?" if near else "use local, or an address like tcp://HOST:8786"
    raise ArgumentError(f"--scheduler {scheduler!r} is no address; {hint}")


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
        Until the context ends; by then the workers of a local one are dead.

    Raises
    ------
    ArgumentError
        If the scheduler is neither.
    DilcliError
        If no scheduler or worker answers, its versions are others, or it is gone in the end.
    """
    check_scheduler(scheduler)
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        address = (
            stack.enter_context(local_scheduler(means.cores)) if scheduler == "local" else scheduler
        )
        client = _client(address, scheduler)
        stack.callback(_close, client)
        stack.enter_context(client.as_current())
        cluster = Cluster(client, scheduler, means.memory // means.cores - BASE)
        try:
            _wait_for_worker(client, scheduler)
            _same_versions(client, scheduler)
            if scheduler != "local":
                cluster = cluster._replace(memory=_worker_memory(client, means.memory))
            yield cluster
        except DilcliError:
            raise
        except (OSError, CancelledError):  # of Dask, for files have errors of ours
            raise cluster.gone() from None
        except Exception:
            cluster.check()
            raise


@contextmanager
def _quiet() -> Iterator[None]:
    """Have Dask say nothing; after an abnormal end its threads have nothing to say either."""
    loggers = [logging.getLogger(name) for name in _LOUD]
    import distributed  # noqa: F401 -- sets the levels

    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    # What differs between the packages is checked here, in words of our own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def _client(address: str, scheduler: str) -> Client:
    """Connect, in a thread: something else may listen there that never says a word."""
    from distributed import Client

    made = SimpleQueue["Client | BaseException"]()

    def connect() -> None:
        try:
            made.put(Client(address, timeout=_ANSWER, set_as_default=False))
        except (Exception, CancelledError) as error:
            made.put(error)

    Thread(target=connect, daemon=True).start()
    try:
        client = made.get(timeout=_ANSWER + 0.5)
    except Empty:
        client = TimeoutError(f"no answer in {_ANSWER:g} s")
    if isinstance(client, BaseException):
        reason = " ".join(str(client).split())
        raise DilcliError(
            f"--scheduler {scheduler}: no Dask scheduler answers there ({reason}); "
            "start one with: dask scheduler"
        )
    return client


def _close(client: Client) -> None:
    with suppress(Exception, CancelledError):
        client.close(timeout=_FAREWELL)


def _wait_for_worker(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise DilcliError(
            f"--scheduler {scheduler}: no worker has joined; start one with: dask worker ADDRESS"
        ) from None


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
    cluster.check()
    while not (threads := cluster.client.nthreads()):
        cluster.check()
        if time.monotonic() > patience:
            raise DilcliError(f"--scheduler {cluster.address}: all workers are gone")
        time.sleep(0.2)
    return dict(threads)
