"""A folder of photographs through ``dilcli apply`` and through ``xargs -P vips conv``.

Both read and write JPEGs of one quality and filter with one dilated kernel, which libvips gets with
zeros in its holes (``.mat``). Prints files a second, processor time a file and ratios, after a look
at whether the results differ by more than a JPEG loses.
"""

from __future__ import annotations

import argparse
import ctypes
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from harness import Measure, add_options, machine, measured, versions, write_report
from photograph import add_option, crops
from PIL import Image
from running import dilcli_command, interleaved
from sides import spread

from dilcli.core.threads import available_threads
from dilcli.features.kernel_spec import load_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

QUALITY = 85
#: Levels by which two results may differ, on average: libvips cuts off where dilcli rounds, and
#: its integers are coarser still.
LOSS = 1.5
#: prctl(2): who is orphaned below becomes a child of this process, so that its time is known.
SET_CHILD_SUBREAPER = 36


def matrix(kernel: str, dilation: int) -> str:
    """Write a kernel as libvips reads it: width, height, divisor, offset, and whole numbers."""
    weights = np.array(load_kernel(kernel).weights)
    fractions = [Fraction(weight).limit_denominator(10_000) for weight in weights.ravel()]
    divisor = math.lcm(*(fraction.denominator for fraction in fractions))
    whole = np.array([int(fraction * divisor) for fraction in fractions]).reshape(weights.shape)
    table = spread(whole, dilation).astype(int).tolist()
    rows = [" ".join(map(str, row)) for row in table]
    return "\n".join([f"{len(table[0])} {len(table)} {divisor} 0", *rows, ""])


def vips(folder: Path, out: Path, jobs: int, *words: str, threads: int | None) -> list[str]:
    """Write the command that filters a folder by libvips, `jobs` files at a time."""
    out.mkdir()
    conv = f"vips conv '{folder}'/{{}} '{out}'/{{}}'[Q={QUALITY}]' '{folder}.mat' {' '.join(words)}"
    concurrency = "" if threads is None else f"VIPS_CONCURRENCY={threads} "
    return ["sh", "-c", f"ls '{folder}' | {concurrency}xargs -P{jobs} -I{{}} {conv}"]


def process(command: list[str], processor: list[float]) -> Callable[[], object]:
    """Prepare a process; what it and its children take of the processors goes to a list."""

    def run() -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        try:
            while True:
                os.wait()
        except ChildProcessError:
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)

    return run


def difference(ours: Path, theirs: Path) -> float:
    """Compare the first, the middle and the last result: the largest mean difference."""
    pairs = list(zip(sorted(ours.iterdir()), sorted(theirs.iterdir()), strict=True))
    worst = 0.0
    for pair in (pairs[0], pairs[len(pairs) // 2], pairs[-1]):
        a, b = (np.asarray(Image.open(path)).astype(np.int16) for path in pair)
        worst = max(worst, float(np.abs(a - b).mean()))
    return worst


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_option(parser)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--kernel", default="1 2 1; 2 4 2; 1 2 1 / 16")
    parser.add_argument("--dilation", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=available_threads())
    parser.add_argument("--repeat", type=int, default=3)
    add_options(parser, command=True)
    options = parser.parse_args()
    options.dilcli = dilcli_command(options)
    if shutil.which("vips") is None:
        raise SystemExit("vips is not installed: apt-get install libvips-tools")
    return options


def sides_of(folder: Path, options: argparse.Namespace) -> tuple[dict[str, list[str]], list[Path]]:
    """Save the photographs, and write the command of every side and where its outputs go."""
    pictures = folder / "in"
    pictures.mkdir()
    for number, picture in enumerate(crops(options.photo, options.count)):
        picture.save(pictures / f"{number:04}.jpg", quality=QUALITY)
    (folder / "in.mat").write_text(matrix(options.kernel, options.dilation))
    ours = [options.dilcli, "apply", str(pictures), "-k", options.kernel]
    ours += ["-d", str(options.dilation), "-b", "nearest", "--response", "clip"]
    ours += ["-j", str(options.jobs), "--overwrite"]
    outs = [folder / word for word in ("dilcli", "float", "float-1", "integer", "integer-1")]
    whole = ("--precision", "integer")
    commands = {
        "dilcli": [*ours, "--output-dir", str(outs[0])],
        "vips": vips(pictures, outs[1], options.jobs, threads=None),
        "vips, 1 thread each": vips(pictures, outs[2], options.jobs, threads=1),
        "vips integer": vips(pictures, outs[3], options.jobs, *whole, threads=None),
        "vips integer, 1 thread": vips(pictures, outs[4], options.jobs, *whole, threads=1),
    }
    return commands, outs


def main() -> None:
    """Filter the photographs by every side, compare, and print speeds."""
    options = _options()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    print(machine())
    theirs = subprocess.run(["vips", "--version"], check=True, capture_output=True, text=True)
    packages = f"{versions('dilcli', 'numpy', 'pillow')}, {theirs.stdout.strip()}"
    print(packages)
    with tempfile.TemporaryDirectory() as name:
        commands, outs = sides_of(Path(name), options)
        processor: dict[str, list[float]] = {side: [] for side in commands}
        sides = {side: process(words, processor[side]) for side, words in commands.items()}
        seconds = interleaved(sides, options.repeat)
        differences = [difference(outs[0], out) for out in outs]
    print(
        f"{options.count} JPEGs of 12 Mpx, dilation {options.dilation}, {options.jobs} at a time, "
        f"best of {options.repeat}, taking turns; ratio = dilcli / vips"
    )
    print(f"{'':24}files/s  ratio   processor s/file  ratio   mean |difference|")
    best = {side: (min(seconds[side]), min(processor[side])) for side in sides}
    for side, apart in zip(sides, differences, strict=True):
        wall, busy = (taken / options.count for taken in best[side])
        ratios = [taken / own for taken, own in zip(best[side], best["dilcli"], strict=True)]
        print(f"{side:24}{1 / wall:7.2f}{ratios[0]:7.2f}{busy:19.3f}{ratios[1]:7.2f}{apart:20.2f}")
    case = f"{options.count} JPEGs, dilation {options.dilation}, {options.jobs} at a time"
    measures = [
        measured(case, f"{what} s a file", {s: best[s][i] / options.count for s in sides})
        for i, what in enumerate(("wall", "processor"))
    ]
    apart_by = dict(zip(sides, differences, strict=True))
    measures.append(Measure(case, "mean |difference|, levels", apart_by))
    write_report(options, packages, measures, __file__)
    raise SystemExit(max(differences) > LOSS)


if __name__ == "__main__":
    main()
