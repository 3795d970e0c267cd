"""What ``apply`` is going to make of what: one task an output, named before any work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dilcli import files
from dilcli.errors import ArgumentError, DilcliError, ImageFileError
from dilcli.features.recipe_words import default_template, name_fields
from dilcli.files.checking import parse_options

if TYPE_CHECKING:
    from dilcli.core.treatment import Treatment
    from dilcli.features.job import Job
    from dilcli.features.outcome import Outcome

__all__ = [
    "FrameSpans",
    "Selector",
    "Source",
    "Task",
    "Writing",
    "checked",
    "name_outputs",
    "plan_tasks",
]

#: Chooses frames, from 0, by how many there are.
Selector = Callable[[int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class FrameSpans:
    """A Selector of the frames from each span's first to its last, each frame once."""

    spans: tuple[tuple[int, int], ...]

    def __call__(self, count: int) -> list[int]:
        """Choose among `count` frames; an `ImageFileError` if there are too few of them."""
        last = max(last for _, last in self.spans)
        if last >= count:
            there = "is frame 0 only" if count == 1 else f"are frames 0 to {count - 1}"
            raise ImageFileError(f"no frame {last}: there {there}")
        return list(dict.fromkeys(i for a, b in self.spans for i in range(a, b + 1)))


@dataclass(frozen=True, slots=True)
class Source:
    """An input: its path as it was given, or ``-`` and the bytes of standard input.

    `subfolder` is where its outputs stand in an output folder. `error` says why it cannot be
    read. `path` leads to it from everywhere, where `name` leads only from where it was given.
    `found` tells what was found in a folder from what was named.
    """

    name: str
    data: bytes | None = None
    subfolder: str = ""
    error: str | None = None
    path: str | None = None
    found: bool = False

    @property
    def content(self) -> Path | bytes:
        """What the files floor reads."""
        return Path(self.path or self.name) if self.data is None else self.data


@dataclass(frozen=True, slots=True)
class Writing:
    """How outputs are named and written.

    Attributes
    ----------
    template : str or None
        A path or template, ``-`` for standard output.
    folder : Path or None
        Where outputs go; made if it is missing.
    format : str or None
        A name of `dilcli.files.FORMATS`, for standard output and default names.
    quality, compression, strip_metadata
        As in `dilcli.files.encode`.
    background : tuple of int, or None
        Red, green, blue from 0 to 255; alpha is flattened onto it.
    overwrite, skip_existing : bool
        What happens to an output that exists; it is an error if neither is set.
    """

    template: str | None = None
    folder: Path | None = None
    format: str | None = None
    quality: int | None = None
    compression: str | int | None = None
    strip_metadata: bool = False
    background: tuple[int, int, int] | None = None
    overwrite: bool = False
    skip_existing: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One output: from which input, by which recipe, under which name and in which format.

    `place` is the place, among the chosen frames, of the one frame of this output, where each
    frame has an output of its own. `error` says why there is nothing to be done.
    """

    source: Source
    recipe: Treatment
    output: Path | None
    format: str | None = None
    place: int | None = None
    error: str | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that are made."""
        return () if self.output is None else (self.output,)

    @property
    def pictures(self) -> int:
        """How many pictures of the recipe's layout are made."""
        return 1

    def made_apart(self, job: Job) -> Outcome | None:  # noqa: ARG002
        """Make what is more than a picture; None for a picture, which is made where tasks are."""
        return None

    def absolute(self, source: Source) -> Self:
        """Name outputs so that they are found from everywhere; of a source that is."""
        return replace(self, source=source, output=self.output and self.output.absolute())


def plan_tasks(
    sources: Sequence[Source],
    recipes: Sequence[Treatment],
    writing: Writing,
    frames: Selector | None = None,
    templates: Sequence[str | None] = (),
) -> list[Task]:
    """Name every output, and refuse names that collide.

    Parameters
    ----------
    sources : sequence of Source
        Inputs in order.
    recipes : sequence of Treatment
        What is made of each of them.
    writing : Writing
        How outputs are named.
    frames : callable, optional
        Chooses frames by their number, as in `dilcli.files.read`.
    templates : sequence of str or None, optional
        Of each recipe, where it has another than `Writing.template`.

    Returns
    -------
    list of Task
        Inputs in order, the recipes of an input in order.

    Raises
    ------
    ArgumentError
        If the template is wrong, a format has no such quality or compression, or two outputs
        collide with one another or with an input.
    """
    return checked(name_outputs(sources, recipes, writing, frames, templates), writing)


def checked(named: Iterable[Sequence[Task]], writing: Writing) -> list[Task]:
    """Give the tasks of all sources in order, once their names are seen not to collide.

    Parameters
    ----------
    named : iterable of sequence of Task
        The tasks of each source.
    writing : Writing
        How outputs are written.

    Returns
    -------
    list of Task

    Raises
    ------
    ArgumentError
        As `plan_tasks`.
    """
    tasks = [task for tasks in named for task in tasks]
    for format_ in {task.format for task in tasks} - {None}:
        parse_options(str(format_), writing.quality, writing.compression)
    results = [(task.source.name, path) for task in tasks for path in task.paths]
    names = [task.source.name for task in tasks if task.source.error is None]
    files.check_outputs(results, names, overwrite=writing.overwrite)
    return tasks


def name_outputs(
    sources: Sequence[Source],
    recipes: Sequence[Treatment],
    writing: Writing,
    frames: Selector | None = None,
    templates: Sequence[str | None] = (),
) -> Iterator[list[Task]]:
    """Name the outputs of one source after the other, whether they collide or not.

    Parameters
    ----------
    sources, recipes, writing, frames, templates
        As in `plan_tasks`.

    Returns
    -------
    iterator of list of Task
        The tasks of each source. Files are looked at as the iterator goes.

    Raises
    ------
    ArgumentError
        If the template is wrong.
    """
    chosen = tuple(templates) + (None,) * (len(recipes) - len(templates))
    writings = [replace(writing, template=each or writing.template) for each in chosen]
    for each in writings:
        if each.template is not None:
            _check_template(each)
    return (
        [
            task
            for recipe, how in zip(recipes, writings, strict=True)
            for task in _tasks_of(source, index, recipe, how, frames)
        ]
        for index, source in enumerate(sources)
    )


def _check_template(writing: Writing) -> None:
    """Refuse an extension that says nothing, or another thing than the format, before any work."""
    template = writing.template or ""
    ending = template.rpartition(".")[2]
    if template == files.STDIN or "{ext" in ending or "{name" in ending:
        return
    try:
        spelled = files.format_for(template)
    except ImageFileError as error:
        raise ArgumentError(str(error)) from None
    if writing.format not in (None, spelled):
        raise ArgumentError(
            f"output {template} is {spelled} by its extension, so --format {writing.format} is void"
        )


def _tasks_of(
    source: Source, index: int, recipe: Treatment, writing: Writing, frames: Selector | None
) -> Iterator[Task]:
    if source.error is not None:
        yield Task(source, recipe, None, error=source.error)
        return
    try:
        ext = _extension(source, writing)
        wanted: list[int | None] = [None]
        if "{frame" in (writing.template or ""):
            count = files.inspect(source.content, name=source.name).frames
            wanted = list(range(count) if frames is None else frames(count))
    except ImageFileError as error:
        yield Task(source, recipe, None, error=str(error))
        return
    for place, frame in enumerate(wanted):
        fields = {**files.source_fields(source.name, index, ext), **name_fields(recipe)}
        if frame is not None:
            fields["frame"] = frame
        output = files.output_path(
            source.name,
            fields,
            writing.template,
            writing.folder,
            source.subfolder,
            default=default_template(recipe),
        )
        try:
            yield Task(
                source,
                recipe,
                output,
                _format(source, output, writing),
                place if frame is not None else None,
            )
        except DilcliError as error:
            yield Task(source, recipe, None, error=str(error))


def _extension(source: Source, writing: Writing) -> str | None:
    """Extension of outputs by template: of the format asked for, or where a name has none."""
    if writing.format is not None:
        return files.extension_for(writing.format)
    if source.data is not None or not Path(source.name).suffix:
        return files.extension_for(files.inspect(source.content, name=source.name).format)
    return None


def _format(source: Source, output: Path, writing: Writing) -> str:
    if str(output) != files.STDIN:
        return files.format_for(output.name)
    format_ = writing.format or files.inspect(source.content, name=source.name).format
    if files.FORMATS[format_].folder:
        title = files.FORMATS[format_].title
        raise ImageFileError(f"{title} is a folder and no stream of bytes; name an output for it")
    return format_
