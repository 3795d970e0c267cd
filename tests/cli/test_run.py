"""A run of ``dilcli apply`` over many inputs: what is found, made, said, and how it ends."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from dilcli import files
from dilcli.features import runs
from tests.cli.running import dilcli

if TYPE_CHECKING:
    from tests.cli.running import Done


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where shots/ lies: two pictures and a text, two more in folders in it."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name in ("shots/b.png", "shots/a.tif", "shots/x/a.tif", "shots/x/y/c.jpg"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (12, 17), np.uint8)).save(name)
    Path("shots/notes.txt").write_text("no picture")
    return tmp_path


def _apply(*words: object, stdin: bytes = b"") -> Done:
    return dilcli("apply", "-k", "box", *words, stdin=stdin)


def _below(name: str) -> list[str]:
    """Name the files below a folder."""
    paths = (path for path in Path(name).rglob("*") if path.is_file())
    return sorted(path.relative_to(name).as_posix() for path in paths)


def _inputs(*words: object, stdin: bytes = b"") -> list[str]:
    """Say which inputs words stand for, in order."""
    done = _apply(*words, "--json", "--output-dir", "out", stdin=stdin)
    assert done.code == 0, done.err
    shutil.rmtree("out")
    return [record["input"] for record in done.records]


def _everything() -> dict[str, bytes]:
    return {path: Path(path).read_bytes() for path in _below(".")}


# -- what is found -----------------------------------------------------------------------------


def test_a_folder_stands_for_the_pictures_in_it() -> None:
    assert _inputs("shots") == ["shots/a.tif", "shots/b.png"]
    assert _inputs("shots/") == ["shots/a.tif", "shots/b.png"]


def test_folders_in_folders_are_entered_when_asked() -> None:
    every = ["shots/a.tif", "shots/b.png", "shots/x/a.tif", "shots/x/y/c.jpg"]
    assert _inputs("shots", "--recursive") == every
    assert _inputs("-r", "shots") == every


def test_outputs_keep_the_tree_of_their_inputs_below_the_folder_for_outputs() -> None:
    done = _apply("shots", "-r", "-d", "2", "--output-dir", "out")
    assert done.code == 0
    assert _below("out") == [
        "a_box_d2.tif",
        "b_box_d2.png",
        "x/a_box_d2.tif",
        "x/y/c_box_d2.jpg",
    ]


def test_patterns_take_inputs_and_leave_them_out() -> None:
    assert _inputs("shots", "-r", "--include", "*.tif") == ["shots/a.tif", "shots/x/a.tif"]
    assert _inputs("shots", "-r", "--include", "*.tif", "--include", "c.*") == [
        *("shots/a.tif", "shots/x/a.tif", "shots/x/y/c.jpg"),
    ]
    assert _inputs("shots", "-r", "--exclude", "x") == ["shots/a.tif", "shots/b.png"]
    assert _inputs("shots", "-r", "--include", "*.tif", "--exclude", "x/*") == ["shots/a.tif"]


def test_a_glob_that_the_shell_left_alone_is_expanded() -> None:
    assert _inputs("shots/*.png") == ["shots/b.png"]
    assert _inputs("shots/**/a.*") == ["shots/a.tif", "shots/x/a.tif"]
    done = _apply("shots/*.gif", "--output-dir", "out")
    assert (done.code, done.err) == (1, "Error: no file matches 'shots/*.gif'\n")


def test_lists_of_names_are_read_from_files_and_from_standard_input() -> None:
    lines = b"shots/b.png\n\nshots/x\n"
    Path("list.txt").write_bytes(lines)
    wanted = ["shots/b.png", "shots/x/a.tif"]
    assert _inputs("@list.txt") == wanted
    assert _inputs("--files-from", "list.txt") == wanted
    assert _inputs("--files-from", "-", stdin=lines) == wanted
    named = "shots/x/y/c.jpg"
    assert _inputs(named, "--files-from", "list.txt") == [named, *wanted]


def test_names_that_end_with_nul_may_hold_anything_else() -> None:
    odd = Path("shots/line\nbreak*.png")
    odd.write_bytes(Path("shots/b.png").read_bytes())
    names = b"".join(os.fsencode(name) + b"\0" for name in (odd, "shots/a.tif"))
    for word in ("--null", "-0"):
        assert _inputs("--files-from", "-", word, stdin=names) == [str(odd), "shots/a.tif"]
    done = _apply("--files-from", "-", "--output-dir", "out", stdin=names)
    assert done.code == 2
    assert "--files-from -: a line holds a NUL; --null reads names that end with one" in done.err


def test_what_was_not_taken_is_counted_in_the_summary() -> None:
    Image.new("L", (3, 2)).save("shots/c.png")
    done = _apply("shots", "--exclude", "b.*", "--output-dir", "out")
    (said,) = (line for line in done.err.splitlines() if line.startswith("passed over"))
    parts = said.removeprefix("passed over").strip()
    assert parts == "1 file that is no picture, 1 excluded, 1 folder without --recursive"
    assert "passed over" not in _apply("shots/c.png", "shots/b.png", "--output-dir", "two").err


def test_nothing_found_is_a_line_and_exit_code_1() -> None:
    Path("empty").mkdir()
    done = _apply("empty")
    assert (done.code, done.err) == (1, "Error: no picture is found\n")
    Path("empty/deeper").mkdir()
    Path("empty/notes.txt").touch()
    done = _apply("empty")
    assert done.code == 1
    assert done.err.startswith("Error: no picture is found: 1 file")
    assert done.err.endswith("1 folder without --recursive\n")
    assert done.err.count("\n") == 1
    assert _apply("--files-from", "-", stdin=b"").err == "Error: no picture is found\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("shots", "--null"), "--null says how names of --files-from end; give --files-from FILE"),
        (("-", "-"), "standard input can be read once; give - once"),
        (("-", "--files-from", "-"), "standard input can be read once; give - once"),
        (("--files-from", "no.txt"), "--files-from no.txt: No such file or directory"),
        (("@no.txt",), "no.txt: No such file or directory"),
        ((), "no input is named; give picture files, or - for standard input"),
        (("--null",), "no input is named"),
        (("shots", "--memory-limit", "much"), "'much' is not a size such as 512MB"),
        (("shots", "--memory-limit", "1iB"), "'1iB' is not a size such as 512MB"),
        (("shots", "--memory-limit", "0"), "must be at least 1 byte (got 0)"),
        (("shots", "--memory-limit", "9" * 400), "is not a size such as 512MB"),
        (("shots", "-j", "0"), "0 is not in the range x>=1"),
    ],
)
def test_words_that_do_not_fit_together_are_refused_before_any_work(
    words: tuple[str, ...], said: str
) -> None:
    before = _everything()
    done = _apply(*words, "--output-dir", "out")
    assert done.code == 2
    assert said in done.err.splitlines()[-1]
    assert (done.out, _everything()) == (b"", before)


# -- what is said ------------------------------------------------------------------------------


def _broken() -> None:
    for name in ("shots/aa.png", "shots/z.tif"):
        Path(name).write_bytes(b"\x89PNG\r\n\x1a\nno picture")


def test_failures_are_said_last_a_line_each_and_make_the_exit_code_1() -> None:
    _broken()
    done = _apply("shots", "no.png", "--output-dir", "out")
    assert done.code == 1
    lines = done.err.splitlines()
    assert [line.split(" -> ")[0] for line in lines[:2]] == ["shots/a.tif", "shots/b.png"]
    assert lines[2] == "outputs      2 done, 0 skipped, 3 failed"
    assert [line.split(": ")[1] for line in lines[-3:]] == ["shots/aa.png", "shots/z.tif", "no.png"]
    assert all(line.startswith("Error: ") for line in lines[-3:])
    assert _below("out") == ["a_box_d1.tif", "b_box_d1.png"]


def test_the_first_failure_ends_the_run_when_asked() -> None:
    _broken()
    done = _apply("shots", "-r", "--output-dir", "out", "--fail-fast", "-j", "1")
    assert done.code == 1
    assert "outputs      1 done, 0 skipped, 1 failed, 4 not tried\n" in done.err
    assert done.err.splitlines()[-1].startswith("Error: shots/aa.png: ")
    assert _below("out") == ["a_box_d1.tif"]


def test_json_is_one_object_per_output_in_the_order_of_the_inputs() -> None:
    _broken()
    done = _apply("shots", "-d", "1,2", "--output-dir", "out", "--json")
    assert done.code == 1
    said = [(record["input"], record["dilation"], record["status"]) for record in done.records]
    assert said == [
        (f"shots/{name}", [rate, rate], status)
        for name, status in (
            *(("a.tif", "ok"), ("aa.png", "failed")),
            *(("b.png", "ok"), ("z.tif", "failed")),
        )
        for rate in (1, 2)
    ]
    assert [record["error"] is None for record in done.records] == [
        record["status"] == "ok" for record in done.records
    ]
    assert " -> " not in done.err


def test_one_output_alone_needs_no_summary() -> None:
    done = _apply("shots/b.png", "--output-dir", "out")
    assert done.err.splitlines() == [
        "shots/b.png -> out/b_box_d1.png: 12 x 17 uint8, response clip"
    ]
    assert _apply("no.png").err == "Error: no.png: No such file or directory\n"


# -- the log -----------------------------------------------------------------------------------


def test_a_log_gets_the_lines_of_every_run_one_below_the_other() -> None:
    _broken()
    for again in ((), ("--skip-existing",)):
        _apply("shots", "--output-dir", "out", "--log", "run.log", *again)
    lines = Path("run.log").read_text().splitlines()
    levels = [line.split()[1] for line in lines]
    # The command, two outputs, two failures in their turn, the summary; twice.
    assert levels == ["INFO", "INFO", "ERROR", "INFO", "ERROR", "INFO"] * 2
    assert "shots/a.tif -> out/a_box_d1.tif: 12 x 17 uint8" in lines[1]
    assert "shots/aa.png: " in lines[2]
    assert "outputs: 2 done, 0 skipped, 2 failed" in lines[5]
    assert "outputs: 0 done, 2 skipped, 2 failed" in lines[11]


@pytest.mark.parametrize(
    "log",
    [
        "shots/b.png",
        "./shots/b.png",
        "shots/x/../b.png",
        "link.log",
        "out/b_box_d1.png",
        "shots/../out/b_box_d1.png",
    ],
)
def test_a_log_is_never_written_into_a_picture_of_the_run(log: str) -> None:
    Path("link.log").symlink_to("shots/b.png")
    before = _everything()
    done = _apply("shots", "--output-dir", "out", "--log", log)
    assert done.code == 2
    said = f"Error: --log {Path(log)}: is an input or an output of this run; name another file"
    assert done.err.splitlines()[-1] == said
    assert _everything() == before


def test_a_log_that_cannot_be_written_is_refused_before_any_work() -> None:
    before = _everything()
    done = _apply("shots", "--output-dir", "out", "--log", "no/run.log")
    assert done.code == 2
    assert "--log no/run.log: No such file or directory" in done.err
    assert _everything() == before


# -- what it would cost ------------------------------------------------------------------------


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_dry_run_ends_with_what_all_outputs_cost() -> None:
    before = _everything()
    np.save("shots/big.npy", np.zeros((1000, 2000), np.uint8))
    done = _apply("shots", "--output-dir", "out", "--dry-run", "-d", "1,2")
    Path("shots/big.npy").unlink()
    assert done.code == 0
    *each, last = done.out.decode().splitlines()
    assert [" -> " in line for line in each] == [True] * 6
    assert last.startswith("6 outputs, 4.0 Mpx, about 4 MB on disk; passed over: 1 file")
    assert _everything() == before
    alone = _apply("shots/b.png", "--dry-run").out.decode()
    assert (alone.count("\n"), "outputs" in alone) == (1, False)
    quiet = _apply("shots", "--output-dir", "out", "--dry-run", "--json")
    assert [record["status"] for record in quiet.records] == ["ok"] * 2


@pytest.mark.parametrize("dry", [(), ("--dry-run",), ("--dry-run", "--json")])
def test_a_run_that_has_no_room_on_the_disk_is_refused(
    dry: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(1, 1, 0))
    before = _everything()
    done = _apply("shots", "--output-dir", "out", *dry)
    assert done.code == 1
    assert done.err.splitlines()[-1] == (
        "Error: out: the outputs take about 0 MB and 0 MB are free; make room, or write elsewhere"
    )
    assert _everything() == before


# -- again -------------------------------------------------------------------------------------


def test_a_second_run_does_not_filter_what_the_first_one_made() -> None:
    assert _apply("shots", "-r", "-d", "1,2").code == 0
    made = _everything()
    assert len(made) == 5 + 8
    again = _apply("shots", "-r", "-d", "1,2", "--skip-existing")
    assert again.code == 0
    assert "outputs      0 done, 8 skipped, 0 failed\n" in again.err
    assert "8 outputs of an earlier run" in again.err
    assert _everything() == made
    refused = _apply("shots", "-r", "-d", "1,2")
    assert refused.code == 1
    assert refused.err.count("Error: output exists: ") == 8
    assert _apply("shots", "-r", "-d", "1,2", "--overwrite").code == 0
    assert _everything() == made


def test_outputs_that_are_cut_off_or_older_than_their_inputs_are_made_again() -> None:
    words = ("shots", "-r", "--output-dir", "out", "--skip-existing")
    assert _apply(*words).code == 0
    made = {name: Path("out", name).read_bytes() for name in _below("out")}
    assert len(made) == 4
    cut, old = Path("out/b_box_d1.png"), Path("out/x/y/c_box_d1.jpg")
    cut.write_bytes(cut.read_bytes()[:-20])
    old.write_bytes(b"stale" + old.read_bytes())
    os.utime(old, (1, 1))
    done = _apply(*words, "--json")
    assert done.code == 0
    assert {record["output"]: record["status"] for record in done.records} == {
        "out/a_box_d1.tif": "skipped",
        "out/b_box_d1.png": "ok",
        "out/x/a_box_d1.tif": "skipped",
        "out/x/y/c_box_d1.jpg": "ok",
    }
    assert {name: Path("out", name).read_bytes() for name in _below("out")} == made


# -- who works, with how much ------------------------------------------------------------------


def test_the_number_of_jobs_changes_no_byte() -> None:
    _broken()
    said = []
    for jobs in (1, 2):
        with mock.patch.object(runs, "_WORTH_A_POOL", 0):
            done = _apply("shots", "-r", "-d", "1,3", "-j", jobs, "--output-dir", f"out{jobs}")
        assert done.code == 1
        lines = (line for line in done.err.splitlines() if not line.startswith("time"))
        said.append([line.replace(f"out{jobs}", "out") for line in lines])
    assert said[0] == said[1]
    assert _below("out1") == _below("out2")
    assert len(_below("out1")) == 8
    for name in _below("out1"):
        assert Path("out1", name).read_bytes() == Path("out2", name).read_bytes()


@pytest.mark.parametrize("limit", ["512MB", "2GiB", "1.5G", "400000000", "600 mib"])
def test_the_limit_of_memory_changes_no_sample(limit: str) -> None:
    assert _apply("shots/a.tif", "-d", "3", "-o", "free.tif").code == 0
    assert _apply("shots/a.tif", "-d", "3", "-o", "held.tif", "--memory-limit", limit).code == 0
    assert Path("free.tif").read_bytes() == Path("held.tif").read_bytes()


def test_little_memory_lets_pass_what_goes_in_strips_and_refuses_the_rest() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6000, 2500), np.uint8)
    np.save("x.npy", pixels)
    limit = ("--memory-limit", "125MB", "-j", "1", "-d", "5")
    assert _apply("x.npy", "-o", "free.tif", "-d", "5").code == 0
    held = _apply("x.npy", "-o", "held.tif", *limit)
    assert held.code == 0, held.err
    free, strips = (files.read(Path(name)).frames[0] for name in ("free.tif", "held.tif"))
    np.testing.assert_array_equal(free, strips)
    assert Path("free.tif").read_bytes() != Path("held.tif").read_bytes()
    refused = _apply("x.npy", "-o", "y.png", *limit)
    assert refused.code == 1
    assert "raise it with --memory-limit. PNG is encoded whole; TIFF, .npy and Zarr" in refused.err
    least = _apply("x.npy", "-o", "y.tif", "--memory-limit", "1MB")
    assert least.code == 1
    assert "even strip by strip it takes" in least.err
    assert not list(Path().glob("y.*"))


def test_without_its_packages_a_scheduler_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    before = _everything()
    for words in (("shots",), ("shots/b.png",)):
        done = _apply(*words, "--output-dir", "out", "--scheduler", "local")
        assert done.code == 2
        assert done.err.splitlines()[-1] == (
            "Error: --scheduler needs: pip install 'dilcli[cluster]'"
        )
    assert _everything() == before


def test_standard_input_and_output_are_not_for_a_scheduler() -> None:
    data = Path("shots/b.png").read_bytes()
    for words in (("-",), ("shots/b.png", "-o", "-")):
        done = _apply(*words, "--scheduler", "local", stdin=data)
        assert (done.code, done.out) == (2, b"")
        assert "- and pipes are for this machine alone" in done.err
