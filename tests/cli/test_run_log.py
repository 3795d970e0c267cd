"""A log is added to, line by line, and never stops a run."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

import pytest

from dilcli import __version__
from dilcli.cli.report import Line
from dilcli.cli.run_log import run_log
from dilcli.errors import ArgumentError

FULL = Path("/dev/full")
INFO = Line("info", "shown", "a.png -> b.png: 1 x 1 uint8")
WARNING = Line("warning", "  note: turned", "a.png -> b.png: note: turned")
ERROR = Line("error", "Error: c\n.png: cut off", "c\n.png: cut off \udcff ä")


def _entries(path: Path) -> list[str]:
    """Read the lines of a log without their times."""
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        time, _, entry = line.partition(" ")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", time)
        assert datetime.fromisoformat(time).tzinfo
        entries.append(entry)
    return entries


def test_a_run_begins_with_version_and_command_and_has_one_line_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    with run_log(path, ["apply", "a b.png", "-k", "box"]) as log:
        log([INFO, WARNING])
        log([])
        log([ERROR])
    assert _entries(path) == [
        f"INFO dilcli {__version__}: dilcli apply 'a b.png' -k box",
        "INFO a.png -> b.png: 1 x 1 uint8",
        "WARNING a.png -> b.png: note: turned",
        "ERROR c\\n.png: cut off \\udcff ä",
    ]


def test_what_stands_in_a_log_stays_and_the_run_is_added(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text("before\n", encoding="utf-8")
    for _ in range(2):
        with run_log(path, ["apply"]):
            pass
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "before"
    assert len(lines) == 3


def test_each_line_stands_in_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    with run_log(path, []) as log:
        assert len(_entries(path)) == 1
        log([INFO])
        assert len(_entries(path)) == 2


def test_a_run_that_breaks_off_says_so_and_goes_on_breaking_off(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    with pytest.raises(KeyboardInterrupt), run_log(path, []):
        raise KeyboardInterrupt
    assert _entries(path)[-1] == "ERROR the run broke off: KeyboardInterrupt"


def test_without_a_file_nothing_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with run_log(None, []) as log:
        log([INFO])
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")


def test_a_file_that_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path, "Is a directory"),
        (tmp_path / "none" / "run.log", "No such file or directory"),
    ):
        with pytest.raises(ArgumentError, match=re.escape(f"{path}: {reason}; name a file")):
            run_log(path, []).__enter__()


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_a_full_disk_is_one_warning_and_the_run_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with run_log(FULL, ["apply"]) as log:
        for _ in range(3):
            log([INFO])
        assert capsys.readouterr().err == ""
    assert capsys.readouterr() == (
        "",
        "warning: --log /dev/full: No space left on device; lines are missing there\n",
    )


def test_a_line_that_fits_in_part_is_missing_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resource = pytest.importorskip("resource")
    most = 2**30
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "run.log"
    with run_log(path, []) as log:
        os.truncate(path, most - 10)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
        try:
            log([INFO])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.stat().st_size == most
    assert capsys.readouterr().err == (
        f"warning: --log {path}: File too large; lines are missing there\n"
    )
    path.unlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipe that has a name")
def test_lines_are_added_again_once_they_can_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with run_log(path, []) as log:
        os.close(reader)
        log([INFO])
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        log([WARNING])
        read = os.read(reader, 1000).decode()
    os.close(reader)
    assert read.endswith(f" WARNING {WARNING.entry}\n")
    assert INFO.entry not in read
    assert capsys.readouterr().err == (
        f"warning: --log {path}: Broken pipe; lines are missing there\n"
    )
