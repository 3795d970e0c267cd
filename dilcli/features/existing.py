"""Outputs that exist: replaced, left alone because they are done, or in the way; and folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.outcome import failed, skipped

if TYPE_CHECKING:
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Task, Writing

__all__ = ["is_done", "make_folder", "refused_early", "replaces"]


def replaces(writing: Writing) -> bool:
    """Tell whether an output that exists is replaced: what is not done is made again."""
    return writing.overwrite or writing.skip_existing


def refused_early(task: Task, writing: Writing) -> Outcome | None:
    """Settle what needs no look into the input: errors found before, outputs that exist."""
    if task.error is not None or task.output is None:
        return failed(task, task.error or "no output")
    folder = task.output.parent
    # The folder that an input stands in is there if the input is, and reading will say so.
    named = writing.template is not None and writing.folder is None
    try:
        if named and not folder.is_dir():
            return failed(task, f"{task.output}: the folder {folder} does not exist")
        there = [path for path in task.paths if _exists(path, task)]
    except OSError as error:
        return failed(task, f"{task.output}: {error.strerror or error}")
    if writing.overwrite or not there:
        return None
    return _left_alone(task, there, writing)


def _left_alone(task: Task, there: list[Path], writing: Writing) -> Outcome | None:
    """Settle what becomes of files that exist; None if they are made again."""
    if writing.skip_existing:
        if is_done(task):
            return skipped(task)
        # Where files belong together, those of another set may have the same names.
        there = [] if task.output in there else [path for path in there if files.is_whole(path)]
    return failed(task, f"output exists: {there[0]} (use --overwrite)") if there else None


def _exists(path: Path, task: Task) -> bool:
    if str(path) == files.STDIN:
        return False
    return path.is_file() or (files.FORMATS[task.format or "png"].folder and path.is_dir())


def is_done(task: Task) -> bool:
    """Tell whether all files of a task exist, whole and no older than its input."""
    content = task.source.content
    try:
        oldest = min(path.stat().st_mtime for path in task.paths)
        if isinstance(content, Path) and oldest < content.stat().st_mtime:
            return False
    except OSError:  # an input that is missing will be said to be
        return False
    # A record appears last, and whole.
    return all(path.suffix == ".json" or files.is_whole(path) for path in task.paths)


def make_folder(folder: Path | None, path: Path) -> None:
    """Make the folder that an output goes to, if a folder was asked for.

    Raises
    ------
    ImageFileError
        If it cannot be made.
    """
    if folder is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ImageFileError(f"{path.parent}: cannot make the folder: {reason}") from error
