"""A cluster is found or refused in one line: no scheduler, no worker, other versions."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from unittest import mock

import pytest

import dilcli
from dilcli.errors import DilcliError
from dilcli.features import cluster_link
from dilcli.features.cluster_link import connected, threads_of_workers
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
        mock.patch.object(cluster_link, "_PATIENCE", 1.0),
        pytest.raises(DilcliError, match="no Dask scheduler answers there") as caught,
        connected(address, MEANS),
    ):
        pass
    assert address in str(caught.value)
    assert "dask scheduler" in str(caught.value)
    assert "\n" not in str(caught.value)


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
    client = mock.Mock()
    client.nthreads.return_value = {}
    with (
        mock.patch.object(cluster_link, "_PATIENCE", 0.3),
        pytest.raises(DilcliError, match="--scheduler x: all workers are gone"),
    ):
        threads_of_workers(cluster_link.Cluster(client, "x", 1))
    client.nthreads.side_effect = [{}, {"a": 2, "b": 1}]
    assert threads_of_workers(cluster_link.Cluster(client, "x", 1)) == {"a": 2, "b": 1}
