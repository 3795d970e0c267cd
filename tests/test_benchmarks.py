"""The benchmarks' common form of results, and what `compare.py` says of two of them."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("harness")


@pytest.fixture
def write(harness: Any, tmp_path: Path) -> Callable[..., Path]:
    """Write a report of one case: seconds of dilcli and of peers."""

    def written(name: str, script: str = "core.py", bounds: Any = (), **seconds: float) -> Path:
        path = tmp_path / name
        measure = harness.measured("3x3, dilation 4", "seconds", seconds, bounds=bounds)
        options = argparse.Namespace(json=path, repeat=3)
        harness.write_report(options, "dilcli 1, vips 8", [measure], script)
        return path

    return written


def compare(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "compare.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_report_reads_back_as_it_was_written(harness: Any, write: Callable[..., Path]) -> None:
    report = harness.read_report(write("a.json", dilcli=2.0, vips=3.0, bounds=["vips"]))
    assert report.script == "core"
    assert report.options == {"repeat": 3}
    assert report.measures == [
        harness.Measure(
            "3x3, dilation 4", "seconds", {"dilcli": 2.0, "vips": 3.0}, {"vips": 1.5}, ("vips",)
        )
    ]


def test_a_ratio_above_1_means_that_dilcli_is_better(harness: Any) -> None:
    values = {"dilcli": 2.0, "vips": 3.0}
    assert harness.measured("", "seconds", values).ratios == {"vips": 1.5}
    assert harness.measured("", "files a second", values, more=True).ratios == {"vips": 2 / 3}


def test_only_ratios_that_fell_by_more_than_15_percent_are_named(
    write: Callable[..., Path],
) -> None:
    old = write("old.json", dilcli=1.0, vips=1.0, gmic=1.0, scipy=1.0)
    new = write("new.json", dilcli=1.0, vips=0.84, gmic=0.86, scipy=2.0)
    done = compare(old, new)
    assert done.returncode == 1, done.stderr
    table = done.stdout[done.stdout.index("fell by more") :]
    assert "vips" in table
    assert "-16%" in table
    assert "gmic" not in table
    assert "scipy" not in table
    assert compare("--fall", "17", old, new).returncode == 0


def test_a_machine_twice_as_slow_changes_no_ratio(write: Callable[..., Path]) -> None:
    old, new = write("old.json", dilcli=1.0, vips=3.0), write("new.json", dilcli=2.0, vips=6.0)
    done = compare(old, new)
    assert done.returncode == 0
    assert "1 ratios in both (0 in the old report only), 0 fell" in done.stdout


def test_a_side_that_was_stopped_has_no_ratio_to_fall(write: Callable[..., Path]) -> None:
    old = write("old.json", dilcli=1.0, vips=1.0, scipy=20.0)
    new = write("new.json", dilcli=1.0, vips=1.0, scipy=8.0, bounds=["scipy"])
    done = compare(old, new)
    assert done.returncode == 0
    assert "1 ratios in both (1 in the old report only)" in done.stdout


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"script": "rf.py", "dilcli": 1.0, "vips": 1.0}, "core and rf are two benchmarks"),
        ({"dilcli": 1.0, "gmic": 1.0}, "no ratio in common"),
    ],
)
def test_reports_that_do_not_belong_together_are_refused(
    write: Callable[..., Path], other: dict[str, Any], said: str
) -> None:
    done = compare(write("old.json", dilcli=1.0, vips=1.0), write("new.json", **other))
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", "\xff"])
def test_what_is_no_report_is_refused_in_one_line(
    write: Callable[..., Path], tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "other.json"
    if content is not None:
        path.write_text(content, "latin-1")
    done = compare(write("old.json", dilcli=1.0, vips=1.0), path)
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_peak_of_a_process_is_its_own_not_its_parents(
    harness: Any,
) -> None:
    running = importlib.import_module("running")
    held = b"x" * 200_000_000
    run = running.process([sys.executable, "-c", "pass"])
    assert len(held) == 200_000_000
    assert 0 < run.peak < 100_000_000
    assert not run.capped


def test_a_process_is_stopped_at_its_cap(harness: Any) -> None:
    running = importlib.import_module("running")
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    assert running.process(command, cap=0.5).capped
