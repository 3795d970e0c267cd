"""What many files gain by threads and by processes, and when a pool of processes pays.

Prints (1) files a second of decoding, filtering and encoding pictures of 12 Mpx, by format: one
file after another, with one thread and with all; by threads that take a file each; by the worker
processes of ``dilcli apply``; (2) what a file costs beside its pixels, and a megapixel; (3) how
much longer it takes to the first outcome, and to the end, if worker processes have to be started,
and how much work that is worth. ``dilcli/features/runs.py`` decides by these numbers.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import Measure, add_options, machine, mean_ratio, measured, versions, write_report
from photograph import SIZE, add_option, crops
from PIL import Image
from running import interleaved

from dilcli.core.recipe import Recipe
from dilcli.core.threads import available_threads
from dilcli.features.job import Job, Settings, make_outputs
from dilcli.features.kernel_spec import load_kernel
from dilcli.features.machine import Means, default_memory
from dilcli.features.outputs import Source, Writing, plan_tasks
from dilcli.features.survey import survey
from dilcli.features.workers import run_in_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dilcli.features.outcome import Outcome
    from dilcli.features.survey import Group

    Side = Callable[[], object]

#: The inputs, and how Pillow compresses them.
FORMATS: dict[str, dict[str, Any]] = {
    "jpg": {"quality": 90},
    "png": {"compress_level": 6},
    "tif": {"compression": "tiff_adobe_deflate"},
}
ONE, SHARED, THREADS, PROCESSES = "one thread", "threads in a file", "threads", "processes"
TINY = 8
#: A program of its own, for all but the first pool of a process find the modules imported. Like
#: the command's own script it imports ``dilcli.cli``, which every worker does again.
START = """\
import sys, time
from dilcli.cli import main

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from workers import groups_of, here, pool

    work = {"here": here, "pool": pool}[sys.argv[2]]
    settings, groups = groups_of(sys.argv[4:], sys.argv[3])
    start = time.perf_counter()
    outcomes = work(groups, settings, int(sys.argv[2] == "pool") + 1)
    next(outcomes)
    print(time.perf_counter() - start)
    list(outcomes)
"""


def groups_of(names: Sequence[str], folder: str) -> tuple[Settings, list[Group]]:
    """Plan what ``dilcli apply NAMES -k "1 2 1; 2 4 2; 1 2 1 / 16" -d 4`` does."""
    writing = Writing(folder=Path(folder), overwrite=True)
    recipe = Recipe(load_kernel("1 2 1; 2 4 2; 1 2 1 / 16"), ((4, 4),))
    tasks = plan_tasks([Source(name) for name in names], [recipe], writing)
    return Settings(writing), survey(tasks, writing, None)


def here(groups: Sequence[Group], settings: Settings, threads: int) -> Iterable[Outcome]:
    """Work on one file after another."""
    for group in groups:
        yield from make_outputs(Job(group.tasks, settings, default_memory(), threads))


def by_threads(groups: Sequence[Group], settings: Settings, count: int) -> Iterable[Outcome]:
    """Work on `count` files at a time."""
    with ThreadPoolExecutor(count) as executor:
        for made in executor.map(lambda group: list(here([group], settings, 1)), groups):
            yield from made


def pool(groups: Sequence[Group], settings: Settings, count: int) -> Iterable[Outcome]:
    """Have worker processes do it."""
    return run_in_processes(groups, settings, Means(count, default_memory()))


def run(outcomes: Callable[[], Iterable[Outcome]]) -> None:
    """Make all outputs; a failure ends the benchmark."""
    if errors := [outcome.error for outcome in outcomes() if outcome.error is not None]:
        raise SystemExit(errors[0])


def sides(names: Sequence[str], folder: str, count: int) -> dict[str, Side]:
    """Prepare every way to work on some files."""
    settings, groups = groups_of(names, folder)
    return {
        ONE: partial(run, partial(here, groups, settings, 1)),
        SHARED: partial(run, partial(here, groups, settings, count)),
        THREADS: partial(run, partial(by_threads, groups, settings, count)),
        PROCESSES: partial(run, partial(pool, groups, settings, count)),
    }


def write(
    pictures: Iterable[Image.Image], folder: Path, endings: Sequence[str]
) -> dict[str, list[str]]:
    """Write every picture in every format."""
    names: dict[str, list[str]] = {ending: [] for ending in endings}
    for number, picture in enumerate(pictures):
        for ending in endings:
            names[ending].append(str(folder / f"{number}-{picture.width}.{ending}"))
            picture.save(names[ending][-1], **FORMATS[ending])
    return names


def print_table(
    large: dict[str, list[str]], folder: Path, options: argparse.Namespace
) -> list[Measure]:
    """Print files a second; ratios are of the processes over the other ways."""
    print(
        f"\nfiles a second, {options.count} of 12 Mpx, {options.jobs} jobs, best of "
        f"{options.repeat}, taking turns; ratio = processes / threads"
    )
    print(f"      {ONE:>12}{SHARED:>19}{THREADS:>9}{PROCESSES:>11}   ratio")
    found = []
    for ending, names in large.items():
        ways = sides(names, str(folder), options.jobs)
        seconds = {way: min(s) for way, s in interleaved(ways, options.repeat).items()}
        one, shared, threads, processes = (options.count / seconds[way] for way in ways)
        speeds = dict(zip(ways, (one, shared, threads, processes), strict=True))
        case = f"{options.count} {ending} of 12 Mpx, {options.jobs} jobs"
        found.append(measured(case, "files a second", speeds, ours=PROCESSES, more=True))
        print(
            f"  {ending:4}{one:12.2f}{shared:19.2f}{threads:9.2f}{processes:11.2f}"
            f"{processes / threads:8.2f}",
            flush=True,
        )
    return found


def print_costs(
    large: dict[str, list[str]], tiny: dict[str, list[str]], folder: Path, repeat: int
) -> None:
    """Print what a file costs beside its pixels, and what a megapixel costs, with one thread."""
    print("\nmilliseconds with one thread: a file beside its pixels, a megapixel")
    for ending, names in large.items():
        files = {"file": tiny[ending], "megapixel": names}
        ways = {name: sides(each, str(folder), 1)[ONE] for name, each in files.items()}
        seconds = {name: min(s) for name, s in interleaved(ways, repeat).items()}
        file = seconds["file"] / len(tiny[ending])
        megapixel = (seconds["megapixel"] / len(names) - file) / (SIZE[0] * SIZE[1] / 1e6)
        print(f"  {ending:4}{1000 * file:8.2f}{1000 * megapixel:8.1f}")


def print_start(folder: Path, names: Sequence[str], gain: float, repeat: int) -> None:
    """Print what the start of a pool takes, and how much work is worth it."""
    script = folder / "start.py"
    script.write_text(START)
    first: dict[str, list[float]] = {"here": [], "pool": []}

    def process(side: str) -> None:
        command = [sys.executable, str(script), str(Path(__file__).parent), side, str(folder)]
        done = subprocess.run([*command, *names], check=True, capture_output=True, text=True)
        first[side].append(float(done.stdout))

    whole = interleaved({side: partial(process, side) for side in first}, repeat)
    more, later = (
        statistics.median(taken["pool"]) - statistics.median(taken["here"])
        for taken in (first, whole)
    )
    print(
        f"\nthe start of a pool of 2, medians of {repeat}: {1000 * more:.0f} ms more to the first "
        f"of {len(names)} tiny pictures, {1000 * later:.0f} ms more to the end"
    )
    if gain > 1:
        print(
            f"processes are {gain:.2f} times as fast as threads in a file: the start pays from "
            f"{max(more, later) / (1 - 1 / gain):.1f} s of work on"
        )


def _endings(text: str) -> list[str]:
    return [ending for ending in FORMATS if ending in text.split(",")]


def main() -> None:
    """Print the table, the costs, and what the start of a pool takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_option(parser)
    parser.add_argument("--count", type=int, default=24, help="files of each format")
    parser.add_argument("--formats", type=_endings, default=list(FORMATS), metavar="EXT,EXT")
    parser.add_argument("--jobs", type=int, default=available_threads())
    parser.add_argument("--repeat", type=int, default=3)
    add_options(parser)
    options = parser.parse_args()
    packages = versions("dilcli", "numpy", "pillow", "tifffile")
    print(f"{machine()}\n{packages}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = write(crops(options.photo, options.count), folder, options.formats)
        tiny = write([Image.new("RGB", (TINY, TINY), (9, 99, 199))] * 40, folder, options.formats)
        measures = print_table(large, folder / "out", options)
        gain = mean_ratio(measure.ratios[SHARED] for measure in measures)
        print_costs(large, tiny, folder / "out", options.repeat)
        print_start(folder, [names[i] for names in tiny.values() for i in (0, 1)], gain, 7)
    write_report(options, packages, measures, __file__)


if __name__ == "__main__":
    main()
