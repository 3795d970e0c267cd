"""A cluster is found or refused in one line: no scheduler, no worker, other versions."""

from __future__ import annotations

import socket
import time
from asyncio import CancelledError
from typing import TYPE_CHECKING
from unittest import mock

import pytest

import dilcli
from dilcli.errors import ArgumentError, DilcliError
from dilcli.features import cluster_link
from dilcli.features.cluster_link import check_scheduler, connected, threads_of_workers
from dilcli.features.machine import Means
from tests.dask_cluster import dask_cluster

if TYPE_CHECKING:
    from pathlib import Path

MEANS = Means(2, 8 << 30)


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_where_no_scheduler_answers_one_line_says_how_to_start_one() -> None:
    address = f"tcp://127.0.0.1:{_closed_port()}"
    with (
        mock.patch.object(cluster_link, "_ANSWER", 1.0),
        pytest.raises(DilcliError, match="no Dask scheduler answers there") as caught,
        connected(address, MEANS),
    ):
        pass
    assert address in str(caught.value)
    assert "dask scheduler" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_listens_there_and_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        begun = time.monotonic()
        with (
            mock.patch.object(cluster_link, "_ANSWER", 1.0),
            pytest.raises(DilcliError, match="no Dask scheduler answers there") as caught,
            connected(address, MEANS),
        ):
            pass
    assert time.monotonic() - begun < 5
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("LOCAL", "did you mean 'local'?"),
        ("lcoal", "did you mean 'local'?"),
        ("localhost", "use local, or an address like tcp://HOST:8786"),
        ("foo", "use local, or an address like tcp://HOST:8786"),
        ("host:", "use local, or an address like tcp://HOST:8786"),
        ("", "use local, or an address like tcp://HOST:8786"),
    ],
)
def test_what_is_no_address_is_a_wrong_argument(word: str, hint: str) -> None:
    with pytest.raises(ArgumentError) as caught, connected(word, MEANS):
        pass
    assert str(caught.value) == f"--scheduler {word!r} is no address; {hint}"


@pytest.mark.parametrize("word", ["local", "tcp://x:1", "tls://x", "x:1", "127.0.0.1:1", "[::1]:1"])
def test_addresses_with_a_port_or_a_kind_are_tried(word: str) -> None:
    check_scheduler(word)


def test_when_the_scheduler_is_gone_one_line_says_so() -> None:
    client = mock.Mock(status="connecting")
    with pytest.raises(DilcliError, match="--scheduler x: the scheduler is gone; "):
        threads_of_workers(cluster_link.Cluster(client, "x", 1))
    client.nthreads.assert_not_called()


@pytest.mark.parametrize("error", [OSError("comm closed"), CancelledError(), TypeError("lost")])
def test_errors_of_dask_that_a_lost_scheduler_causes_are_told_as_that(
    error: BaseException,
) -> None:
    client = mock.MagicMock(status="connecting")
    with (
        mock.patch.object(cluster_link, "_client", return_value=client),
        mock.patch.object(cluster_link, "_same_versions"),
        mock.patch.object(cluster_link, "_worker_memory", return_value=1),
        pytest.raises(DilcliError, match="--scheduler x:1: the scheduler is gone; "),
        connected("x:1", MEANS),
    ):
        raise error
    client.close.assert_called_once()


def test_an_address_of_an_unknown_kind_is_refused_in_one_line() -> None:
    with (
        pytest.raises(DilcliError, match="no Dask scheduler answers") as caught,
        connected("carrier-pigeon://x", MEANS),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_cluster_without_workers_is_refused_and_one_with_other_versions(tmp_path: Path) -> None:
    with (
        dask_cluster(tmp_path, workers=0) as running,
        mock.patch.object(cluster_link, "_PATIENCE", 1.0),
        pytest.raises(DilcliError, match="no worker has joined; start one with: dask worker"),
        connected(running.address, MEANS),
    ):
        pass
    with dask_cluster(tmp_path / "other") as running:
        with connected(running.address, MEANS) as cluster:
            assert sum(threads_of_workers(cluster).values()) >= 1
            assert 0 < cluster.memory <= MEANS.memory
        with (
            mock.patch.object(dilcli, "__version__", "9.9"),
            pytest.raises(
                DilcliError, match=r"has dilcli 0\.1\.0 \(here 9\.9\); install"
            ) as caught,
            connected(running.address, MEANS),
        ):
            pass
        assert "\n" not in str(caught.value)


def test_when_all_workers_are_gone_for_long_the_run_ends() -> None:
    client = mock.Mock(status="running")
    client.nthreads.return_value = {}
    with (
        mock.patch.object(cluster_link, "_PATIENCE", 0.3),
        pytest.raises(DilcliError, match="--scheduler x: all workers are gone"),
    ):
        threads_of_workers(cluster_link.Cluster(client, "x", 1))
    client.nthreads.side_effect = [{}, {"a": 2, "b": 1}]
    assert threads_of_workers(cluster_link.Cluster(client, "x", 1)) == {"a": 2, "b": 1}
