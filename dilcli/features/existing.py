"""Outputs that exist: replaced, left alone because they are done, or in the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dilcli import files
from dilcli.features.outcome import failed, skipped

if TYPE_CHECKING:
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Task, Writing

__all__ = ["is_done", "refused_early", "replaces"]


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
        exists = str(task.output) != files.STDIN and (task.output.is_file() or _is_store(task))
    except OSError as error:
        return failed(task, f"{task.output}: {error.strerror or error}")
    if writing.overwrite or not exists:
        return None
    if writing.skip_existing:
        return skipped(task) if is_done(task) else None
    return failed(task, f"output exists: {task.output} (use --overwrite)")


def _is_store(task: Task) -> bool:
    assert task.output is not None
    return files.FORMATS[task.format or "png"].folder and task.output.is_dir()


def is_done(task: Task) -> bool:
    """Tell whether an output that exists is whole and no older than its input."""
    assert task.output is not None
    content = task.source.content
    if isinstance(content, Path):
        try:
            if task.output.stat().st_mtime < content.stat().st_mtime:
                return False
        except OSError:  # an input that is missing will be said to be
            return False
    return files.is_whole(task.output)
