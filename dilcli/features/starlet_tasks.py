"""Pictures to take apart, one task each: named before any work, done by any process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.features.existing import replaces
from dilcli.features.machine import BASE, Means
from dilcli.features.outcome import planned
from dilcli.features.outputs import Task
from dilcli.features.starlet_decompose import PlanesPlan, chosen_frames, write_planes
from dilcli.features.starlet_targets import plan_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dilcli.core.starlet_recipe import StarletRecipe
    from dilcli.features.job import Job
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Selector, Source
    from dilcli.features.starlet_decompose import Transform
    from dilcli.features.starlet_targets import Naming

__all__ = ["PlanesTask", "make_planes", "name_planes", "recipe_of"]


@dataclass(frozen=True, slots=True)
class PlanesTask(Task):
    """All planes of a picture: its output is the record, which is written last.

    Attributes
    ----------
    transform : Transform or None
    naming : Naming or None
    plan : PlanesPlan or None
        None, all of them, where there is nothing to be done.
    """

    transform: Transform | None = None
    naming: Naming | None = None
    plan: PlanesPlan | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that are made."""
        if self.plan is None or self.naming is None:
            return ()
        sheet = () if self.naming.montage is None else (self.naming.montage,)
        return (*(path for part in self.plan.targets for path in part.files), *sheet)

    @property
    def pictures(self) -> int:
        """How many planes there are."""
        return 1 if self.transform is None else self.transform.levels + 1

    def made_apart(self, job: Job) -> Outcome:
        """Take the picture apart."""
        return make_planes(self, job)

    def absolute(self, source: Source) -> Self:
        """Name all files so that they are found from everywhere; of a source that is."""
        plan, naming = self.plan, self.naming
        return replace(
            self,
            source=source,
            output=self.output and self.output.absolute(),
            plan=plan and plan._replace(targets=tuple(part.absolute() for part in plan.targets)),
            naming=naming and naming._replace(montage=naming.montage and naming.montage.absolute()),
        )


def name_planes(
    sources: Sequence[Source],
    transform: Transform,
    naming: Naming,
    frames: Selector | None = None,
) -> Iterator[list[Task]]:
    """Name the files of the planes of one source after the other, whether they exist or not.

    Parameters
    ----------
    sources : sequence of Source
    transform : Transform
    naming : Naming
        `montage` may be a template.
    frames : callable, optional
        Chooses frames by their number; default all of them.

    Yields
    ------
    list of Task
        One, with an error where the picture cannot be taken apart.

    Raises
    ------
    ArgumentError
        If names are wrong or contradict the samples.
    """
    for index, source in enumerate(sources):
        yield [_task_of(source, index, transform, naming, frames)]


def _task_of(
    source: Source, index: int, transform: Transform, naming: Naming, frames: Selector | None
) -> Task:
    recipe = recipe_of(transform)
    if source.error is not None:
        return PlanesTask(source, recipe, None, error=source.error)
    fields = files.source_fields(source.name, index)
    if naming.montage is not None:
        sheet = files.output_path(source.name, fields, str(naming.montage))
        naming = naming._replace(montage=sheet)
    try:
        header = files.inspect(source.content, name=source.name)
        chosen = chosen_frames(header, frames, source.name)
        targets = plan_parts(
            source.name,
            header,
            transform.levels,
            naming._replace(overwrite=True),
            chosen,
            subfolder=source.subfolder,
            index=index,
        )
    except ImageFileError as error:
        return PlanesTask(source, recipe, None, error=str(error))
    first = targets[0]
    return PlanesTask(
        source,
        recipe_of(transform, first.samples),
        first.sidecar,
        first.format,
        transform=transform,
        naming=naming,
        plan=PlanesPlan(header, chosen, targets),
    )


def recipe_of(transform: Transform, samples: str = "float32") -> StarletRecipe:
    """Give a transform as a recipe, which tells what it costs and how it is called."""
    from dilcli.core.starlet_recipe import Planes, StarletRecipe

    return StarletRecipe(
        Planes(samples),
        transform.kernel,
        transform.levels,
        transform.boundary,
        transform.fill,
        transform.generation,
    )


def make_planes(task: PlanesTask, job: Job) -> Outcome:
    """Take a picture apart.

    Parameters
    ----------
    task : PlanesTask
    job : Job
        How it is done.

    Returns
    -------
    Outcome
        Without the time it took.

    Raises
    ------
    DilcliError
        If it cannot be done.
    """
    from dilcli.core.threads import available_threads

    assert task.plan is not None
    assert task.transform is not None
    assert task.naming is not None
    header, chosen, _ = task.plan
    pixels = sum(header.pixels[frame] for frame in chosen)
    limit = job.settings.max_pixels
    if limit is not None and pixels > limit:
        raise ImageFileError(
            f"{task.source.name}: {pixels} pixels are more than the limit of {limit}; "
            "raise it with --max-pixels"
        )
    naming = task.naming._replace(overwrite=replaces(job.settings.writing), tag=job.settings.tag)
    means = Means(job.threads or available_threads(), job.memory + BASE)
    source = task.source
    made = write_planes(
        source.content, source.name, task.transform, naming, plan=task.plan, means=means
    )
    layout = task.recipe.layout(
        header.shape, header.dtype, alpha=header.alpha or header.associated_alpha
    )
    return replace(
        planned(task, layout, len(chosen), made.notes),
        clipped=0,
        samples=sum(measure.samples for measure in made.measures),
        pixels=pixels,
        planes=made,
    )
