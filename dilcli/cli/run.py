"""A run over pictures: inputs found, surveyed and worked on, and what is said meanwhile."""

from __future__ import annotations

import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli import report
from dilcli.cli.run_inputs import found_inputs, words_aside
from dilcli.errors import ArgumentError, ImageFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from dilcli.cli.progress import Bar
    from dilcli.cli.report import Line
    from dilcli.core.treatment import Treatment
    from dilcli.features.job import Settings
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Source, Task, Writing
    from dilcli.features.survey import Group

__all__ = ["run", "run_recipes"]


def run_recipes(
    inputs: Sequence[str],
    recipes: Sequence[Treatment],
    options: dict[str, Any],
    templates: Sequence[str | None] = (),
) -> int:
    """Make pictures of pictures, or say what would be made.

    Parameters
    ----------
    inputs, options
        As in `run`.
    recipes : sequence of Treatment
        One for each output of an input.
    templates : sequence of str or None, optional
        Names of the outputs of each recipe, where ``-o`` is not for it.

    Returns
    -------
    int
        As of `run`.
    """
    from dilcli.features.outputs import name_outputs

    if options["json_"] and "-" in (options["output"], *templates):
        raise click.UsageError("--json and -o - would both write to standard output; drop one")
    frames = options["frames"]
    return run(
        inputs,
        lambda sources, writing: name_outputs(sources, recipes, writing, frames, templates),
        options,
    )


def run(
    inputs: Sequence[str],
    name: Callable[[Sequence[Source], Writing], Iterator[list[Task]]],
    options: dict[str, Any],
) -> int:
    """Make all outputs, or say what would be made.

    Parameters
    ----------
    inputs : sequence of str
        Words of the command line.
    name : callable
        Names the outputs of each input.
    options : dict
        The other words, by name: those of `dilcli.cli.run_options`, and ``background``, a colour,
        where a command has it. What a command does not have may be left out.

    Returns
    -------
    int
        0, or 1 if an input failed.
    """
    from dilcli.cli.run_log import run_log
    from dilcli.features.earlier_outputs import without_outputs
    from dilcli.features.job import Settings
    from dilcli.features.outputs import checked
    from dilcli.features.survey import check_space, survey

    writing, frames = _writing(options), options["frames"]
    found = found_inputs(inputs, options)
    sources = without_outputs(found.sources, name(found.sources, writing))
    passed_over = words_aside(found, len(found.sources) - len(sources))
    if not sources:
        raise ImageFileError(
            f"no picture is found{': ' * bool(passed_over)}{', '.join(passed_over)}"
        )
    tasks = checked(name(sources, writing), writing)
    _guard_log(options["log"], tasks)
    groups = survey(tasks, writing, frames)
    with run_log(options["log"], sys.argv[1:]) as log:
        if options["dry_run"]:
            return _estimate(tasks, groups, options, passed_over)
        check_space(groups, writing)
        settings = Settings(writing, frames, options["max_pixels"])
        return _make(groups, settings, options, passed_over, log)


def _make(
    groups: Sequence[Group],
    settings: Settings,
    options: dict[str, Any],
    passed_over: Sequence[str],
    log: Callable[[Iterable[Line]], None],
) -> int:
    from dilcli.cli.progress import progress
    from dilcli.cli.summary import Tally, say_summary, summary_line
    from dilcli.features.runs import run_groups

    started = time.perf_counter()
    tally = Tally(sum(len(group.tasks) for group in groups))
    outcomes = run_groups(
        groups,
        settings,
        jobs=options["jobs"],
        memory_limit=options["memory_limit"],
        scheduler=options["scheduler"],
        standard_output=_standard_output(groups),
    )

    def summarize() -> None:
        seconds = time.perf_counter() - started
        say_summary(tally, seconds, passed_over)
        log([summary_line(tally, seconds, passed_over)])

    try:
        pixels = sum(group.pixels for group in groups)
        # Lines of JSON on the same terminal would run into a bar.
        drawn = 0 if options["json_"] and sys.stdout.isatty() else tally.planned
        with closing(outcomes), progress(drawn, pixels) as bar:
            for outcome in outcomes:
                tally = tally.plus(outcome)
                _say(outcome, options, bar, alone=tally.planned < 2)
                log(report.lines(outcome))
                if options["fail_fast"] and outcome.status == "failed":
                    break
    except ArgumentError:  # nothing was begun
        raise
    except BaseException:
        summarize()
        raise
    summarize()
    return 1 if tally.failures else 0


def _say(outcome: Outcome, options: dict[str, Any], bar: Bar, *, alone: bool) -> None:
    """Say what became of an output; of several, the failures are listed last."""
    if options["json_"]:
        click.echo(report.as_json(outcome))
    if outcome.error is not None:
        if alone:
            report.say(outcome)
    elif not options["json_"]:
        report.say(outcome, bar.say)
        if outcome.planes is not None:
            from dilcli.cli.planes_report import proof

            click.echo(f"{'' if alone else f'{outcome.input}: '}{proof(outcome.planes)}")
    bar.add(outcome)


def _estimate(
    tasks: Sequence[Task],
    groups: Sequence[Group],
    options: dict[str, Any],
    passed_over: Sequence[str],
) -> int:
    """Say what would be made, and whether there is room for it."""
    from dilcli.features.runs import estimate
    from dilcli.features.survey import check_space

    writing, failed = _writing(options), False
    for outcome in estimate(tasks, writing, frames=options["frames"]):
        failed |= outcome.status == "failed"
        if options["json_"]:
            click.echo(report.as_json(outcome))
        if outcome.error is not None:
            report.say(outcome)
        elif not options["json_"]:
            report.say_estimate(outcome)
    if len(tasks) > 1 and not options["json_"]:
        pixels = sum(group.pixels for group in groups) / 1e6
        size = check_space(groups, writing) / 1e6
        aside = f"; passed over: {', '.join(passed_over)}" if passed_over else ""
        click.echo(f"{len(tasks)} outputs, {pixels:.1f} Mpx, about {size:.0f} MB on disk{aside}")
    check_space(groups, writing)
    return 1 if failed else 0


def _writing(options: dict[str, Any]) -> Writing:
    from dilcli.features.outputs import Writing

    if options["overwrite"] and options["skip_existing"]:
        raise click.UsageError("--overwrite and --skip-existing contradict each other; drop one")
    return Writing(
        template=options["output"],
        folder=options["output_dir"],
        format=options.get("format_"),
        quality=options.get("quality"),
        compression=options.get("compression"),
        strip_metadata=options.get("strip_metadata", False),
        background=_background(options.get("background")),
        overwrite=options["overwrite"],
        skip_existing=options["skip_existing"],
    )


def _guard_log(log: Path | None, tasks: Sequence[Task]) -> None:
    """Keep a log out of pictures."""
    if log is None:
        return
    from dilcli import files

    identity = files.identities()
    paths = {identity(Path(task.source.name)) for task in tasks if task.source.data is None}
    paths |= {identity(path) for task in tasks for path in task.paths}
    if identity(log) in paths:
        raise ArgumentError(f"--log {log}: is an input or an output of this run; name another file")
    if log.is_file() and log.stat().st_size:
        with suppress(ImageFileError):
            title = files.FORMATS[files.inspect(log).format].title
            raise ArgumentError(f"--log {log}: is a picture ({title}); name a file of text")


def _standard_output(groups: Sequence[Group]) -> BinaryIO | None:
    """Give standard output if a picture goes there."""
    from dilcli import files

    if all(str(task.output) != files.STDIN for group in groups for task in group.tasks):
        return None
    if sys.stdout is None:
        raise click.UsageError("standard output is closed, so -o - cannot be written")
    if sys.stdout.isatty():
        raise click.UsageError("a picture is not written to a terminal; redirect standard output")
    return sys.stdout.buffer


def _background(text: str | None) -> tuple[int, int, int] | None:
    from dilcli.files.colour import parse_colour

    return None if text is None else parse_colour(text)
