"""An output counts as done if it is whole and no older than its input."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.errors import ImageFileError
from dilcli.features.existing import is_done, make_folder, refused_early, replaces
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.outputs import Source, Task, Writing, plan_tasks

pytestmark = pytest.mark.usefixtures("folder")


def _task(writing: Writing) -> Task:
    (task,) = plan_tasks([Source("a.png")], [Recipe(parse_kernel("box"))], writing)
    return task


def _made() -> Task:
    writing = Writing(folder=Path("out"))
    task = _task(writing)
    (outcome,) = make_outputs(Job((task,), Settings(writing), 10**9))
    assert outcome.status == "ok"
    return task


def _age(path: str | Path, seconds: int) -> None:
    now = Path("a.png").stat().st_mtime
    os.utime(path, (now + seconds, now + seconds))


def test_a_whole_output_that_is_no_older_than_its_input_is_done() -> None:
    task = _made()
    assert task.output is not None
    for seconds, done in ((0, True), (5, True), (-5, False)):
        _age(task.output, seconds)
        assert is_done(task) is done
        early = refused_early(task, Writing(folder=Path("out"), skip_existing=True))
        assert (early is not None and early.status == "skipped") is done


def test_an_output_that_is_cut_off_is_not_done() -> None:
    task = _made()
    assert task.output is not None
    task.output.write_bytes(task.output.read_bytes()[:-9])
    assert not is_done(task)
    assert refused_early(task, Writing(folder=Path("out"), skip_existing=True)) is None


def test_an_output_of_standard_input_has_no_older_input() -> None:
    task = _made()
    assert is_done(replace(task, source=Source("-", data=Path("a.png").read_bytes())))


def test_what_is_not_done_is_made_again_and_else_only_by_overwrite() -> None:
    assert replaces(Writing(overwrite=True))
    assert replaces(Writing(skip_existing=True))
    assert not replaces(Writing())
    task = _made()
    early = refused_early(task, Writing(folder=Path("out")))
    assert early is not None
    assert early.error == "output exists: out/a_box_d1.png (use --overwrite)"
    assert refused_early(task, Writing(folder=Path("out"), overwrite=True)) is None


def test_a_folder_is_made_if_one_was_asked_for(tmp_path: Path) -> None:
    make_folder(None, tmp_path / "no" / "a")
    assert not (tmp_path / "no").exists()
    make_folder(tmp_path, tmp_path / "deep" / "er" / "a")
    assert (tmp_path / "deep" / "er").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(ImageFileError, match="cannot make the folder"):
        make_folder(tmp_path, tmp_path / "file" / "a")
