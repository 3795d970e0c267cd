"""Jobs spread over threads: each done once, each thread with memory of its own."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from dilcli.core.threads import Scratch, available_threads, spread

REAL = np.dtype(np.float32)


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("jobs", [0, 1, 5, 200])
def test_every_job_is_done_once(threads: int, jobs: int) -> None:
    done: list[int] = []
    spread(lambda job, _: done.append(job), range(jobs), threads)
    assert sorted(done) == list(range(jobs))


def test_each_thread_has_scratch_of_its_own() -> None:
    """Two jobs that wait for one another must be two threads with two sets of memory."""
    barrier = threading.Barrier(2, timeout=30)
    seen: dict[int, set[int]] = {}

    def work(_: int, scratch: Scratch) -> None:
        seen.setdefault(threading.get_ident(), set()).add(id(scratch))
        barrier.wait()

    spread(work, range(6), 2)
    one, other = seen.values()
    assert len(one) == len(other) == 1
    assert one != other


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_error_ends_the_work_and_is_raised(threads: int) -> None:
    done: list[int] = []

    def work(job: int, _: Scratch) -> None:
        if job == 3:
            raise ZeroDivisionError
        time.sleep(0.001)
        done.append(job)

    with pytest.raises(ZeroDivisionError):
        spread(work, range(1000), threads)
    assert len(done) < 999


@pytest.mark.parametrize("threads", [1, 2])
def test_overflow_and_nan_in_a_job_are_no_warnings(threads: int) -> None:
    results: list[float] = []

    def work(job: float, _: Scratch) -> None:
        results.append(float((np.full(3, job, REAL) * np.full(3, 10, REAL))[0]))

    spread(work, [3e38, 3e38], threads)
    assert results == [np.inf, np.inf]


def test_memory_of_a_name_is_used_again() -> None:
    scratch = Scratch()
    first = scratch.array("a", (4, 8), REAL)
    again = scratch.array("a", (2, 3), np.dtype(np.float64))
    other = scratch.array("b", (4, 8), REAL)
    assert (first.shape, again.shape, again.dtype.name) == ((4, 8), (2, 3), "float64")
    assert np.shares_memory(first, again)
    assert not np.shares_memory(first, other)


def test_a_larger_array_gets_memory_enough() -> None:
    scratch = Scratch()
    scratch.array("a", (2, 2), REAL)[...] = 1
    large = scratch.array("a", (100, 100), REAL)
    large[...] = 2
    assert large.sum() == 20000


def test_what_is_kept_is_made_once_for_each_key() -> None:
    scratch = Scratch()
    made: list[str] = []

    def make(name: str) -> list[str]:
        made.append(name)
        return [name]

    assert scratch.keep(1, lambda: make("x")) is scratch.keep(1, lambda: make("y"))
    assert scratch.keep(2, lambda: make("z")) == ["z"]
    assert made == ["x", "z"]


def test_there_is_a_processor() -> None:
    assert available_threads() >= 1
