"""A picture larger than memory: ``dilcli apply --memory-limit`` on 3.2 GB beside 32 MB.

Makes two tiled Deflate TIFFs of 16-bit samples, filters both in turns, and prints the peak of
memory, the time a megapixel takes, and their ratio. Then crops of the large result, across borders
of the strips that it was made in, are compared with the filter in memory, bit for bit. The exit
code is 1 if a sample differs.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tifffile
from harness import Measure, add_options, machine, versions, write_report
from running import Run, dilcli_command, process

from dilcli import files
from dilcli.core.filtering import filter_frame
from dilcli.core.recipe import Recipe
from dilcli.core.threads import available_threads
from dilcli.features.kernel_spec import load_kernel
from dilcli.features.machine import BASE
from dilcli.features.streaming import frame_plan
from dilcli.features.strips import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dilcli.files import FrameRows

TILE = 512
KERNEL, DILATION = "gaussian:sigma=2", 8
#: Rows of a crop on either side of a border.
ROWS = 350


def tiles(size: int) -> Iterator[NDArray[np.uint16]]:
    """Make waves and noise, one tile after another."""
    noise = np.random.default_rng(1).integers(0, 64, (TILE, TILE + 64), dtype=np.uint16)
    for top in range(0, size, TILE):
        for left in range(0, size, TILE):
            rows, columns = np.arange(top, top + TILE), np.arange(left, left + TILE)
            waves = np.sin(rows / 97)[:, None] * np.cos(columns / 131)
            shift = (top // TILE * 7 + left // TILE * 3) % 64
            yield (20000 + 12000 * waves).astype(np.uint16) + noise[:, shift : shift + TILE]


def make(folder: Path, size: int) -> Path:
    """Make a picture of `size` x `size`, unless it is there."""
    path = folder / f"{size}.tif"
    if not path.exists():
        print(f"making {path} ...", flush=True)
        unfinished = path.with_suffix(".part")
        with tifffile.TiffWriter(unfinished, bigtiff=2 * size * size >= 2**32) as writer:
            writer.write(
                tiles(size),
                shape=(size, size),
                dtype="uint16",
                tile=(TILE, TILE),
                photometric="minisblack",
                compression="zlib",
                compressionargs={"level": 1},
                predictor=True,
                maxworkers=available_threads(),
            )
        unfinished.rename(path)
    return path


def result_of(path: Path) -> Path:
    """Name the filtered picture."""
    return path.with_suffix(".out.tif")


def compare(path: Path, megabytes: int) -> list[int]:
    """Compare crops across the borders of strips with the filter in memory.

    Returns
    -------
    list of int
        The largest difference of a sample in each crop.
    """
    recipe = Recipe(load_kernel(KERNEL), ((DILATION, DILATION),))
    halo = DILATION * len(recipe.kernel.weights)
    threads, found = available_threads(), []
    with (
        files.open_rows(path, threads=threads) as source,
        files.open_rows(result_of(path), threads=threads) as result,
    ):
        frame, made = source.frames[0], result.frames[0]
        plan = frame_plan(source, 0, recipe)
        strips = cut(plan, frame, megabytes * 10**6 - BASE, threads, path.name)
        borders = [first for first, _ in strips]
        chosen = {borders[i * (len(borders) - 1) // 5] for i in range(6)} | {frame.shape[0]}
        print(f"{len(strips)} strips; rows {sorted(chosen)} are looked at")
        for border in sorted(chosen):
            found.append(_difference(frame, made, border, halo, recipe))
    return found


def _difference(frame: FrameRows, made: FrameRows, border: int, halo: int, recipe: Recipe) -> int:
    first, last = max(border - ROWS, 0), min(border + ROWS, frame.shape[0])
    low, high = max(first - halo, 0), min(last + halo, frame.shape[0])
    wanted = filter_frame(frame.read(low, high), recipe).samples[first - low : last - low]
    return int(np.abs(made.read(first, last).astype(np.int64) - wanted).max())


def show(runs: dict[int, list[Run]], options: argparse.Namespace) -> list[Measure]:
    """Print medians, and what the large picture takes beside the small one."""
    print(f"medians of {options.repeat}, taking turns: peak, and seconds a megapixel")
    each = {size: _median(taken) for size, taken in runs.items()}
    for size, median in each.items():
        pixels = size * size / 1e6
        print(
            f"{size:>6} x {size:<6} {median.peak / 1e6:6.0f} MB {median.seconds / pixels:8.4f}, "
            f"of all processors {median.processor / pixels:.4f}"
        )
    small, large = each.values()
    area = (options.size / options.small_size) ** 2
    grown = {
        "peak memory": large.peak / small.peak,
        "seconds a megapixel": large.seconds / small.seconds / area,
        "processor seconds a megapixel": large.processor / small.processor / area,
    }
    print("large / small: " + ", ".join(f"{what} {times:.2f}" for what, times in grown.items()))
    case = f"{options.size}^2 beside {options.small_size}^2, {options.memory_limit} MB"
    return [
        Measure(case, what, {"large / small": times}, {"small": 1 / times})
        for what, times in grown.items()
    ]


def main() -> None:
    """Make the pictures, filter them in turns, compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=40_000)
    parser.add_argument("--small-size", type=int, default=4_000)
    parser.add_argument("--memory-limit", type=int, default=512, metavar="MB")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the pictures are kept for the next run")
    add_options(parser, command=True)
    options = parser.parse_args()
    options.dilcli = dilcli_command(options)
    packages = versions("dilcli", "numpy", "tifffile")
    print(f"{machine()}\n{packages}")
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        paths = {size: make(folder, size) for size in (options.small_size, options.size)}
        runs: dict[int, list[Run]] = {size: [] for size in paths}
        for _ in range(options.repeat):
            for size, path in paths.items():
                words = [str(path), "-k", KERNEL, "-d", str(DILATION), "-o", str(result_of(path))]
                words += ["--memory-limit", f"{options.memory_limit}MB", "--overwrite"]
                runs[size].append(process([options.dilcli, "apply", *words]))
        differences = compare(paths[options.size], options.memory_limit)
        for path in paths.values():
            result_of(path).unlink()
    measures = show(runs, options)
    print(f"largest difference of a sample in each crop: {differences}")
    write_report(options, packages, measures, __file__)
    raise SystemExit(any(differences))


def _median(runs: Sequence[Run]) -> Run:
    seconds = statistics.median(run.seconds for run in runs)
    processor = statistics.median(run.processor for run in runs)
    return Run(seconds, processor, int(statistics.median(run.peak for run in runs)))


if __name__ == "__main__":
    main()
