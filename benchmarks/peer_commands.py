"""One picture, one dilated kernel, one command line for every tool that can do it.

All take the nearest pixel outside the picture, the one boundary that every tool has, and JPEG
quality 85, which dilcli takes from the picture; all else is what a tool does if nothing is said.
Tools without dilation get the kernel with zeros in the holes, or with absent taps where they know
these.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from gmic import newer_call, older_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Table = NDArray[np.int64]

__all__ = ["PEERS", "Case", "commands", "tool_versions"]

SCRIPTS = Path(__file__).parent / "scripts"
SAVE_AGAIN = str(SCRIPTS / "read_and_save.py")
QUALITY = 85
#: GraphicsMagick takes no longer argument.
LONGEST = 1000
PLAIN = "dilcli --compression none"
MAGICK = ("magick", "convert-im6.q16", "convert")


@dataclass(frozen=True)
class Case:
    """A picture's file, a kernel of whole numbers, and the distance of its taps.

    Attributes
    ----------
    picture : Path
        What is filtered.
    size : int
        Taps a side.
    separable : bool
        A Gaussian (binomial weights); else random whole numbers of full rank.
    dilation : int
        In pixels.
    deep : bool
        Whether the samples have 16 bits.
    """

    picture: Path
    size: int
    separable: bool
    dilation: int
    deep: bool = False

    @property
    def line(self) -> Table:
        """The weights of a row of a separable kernel."""
        row = np.ones(1, np.int64)
        for _ in range(self.size - 1):
            row = np.convolve(row, [1, 1])
        return row

    @property
    def table(self) -> Table:
        """All weights; their sum, which is above 0, divides them."""
        if self.separable:
            table: Table
        if self.separable:
            table = np.outer(self.line, self.line)
            return table
        rng = np.random.default_rng(self.size)
        table = rng.integers(1, 9, (self.size, self.size)) * rng.choice([-1, 1], (self.size,) * 2)
        middle = self.size // 2
        table[middle, middle] += np.abs(table).sum() // 2 - table.sum()
        return table

    @property
    def effective_size(self) -> int:
        """The kernel's size with its holes."""
        return (self.size - 1) * self.dilation + 1

    def spread(self, table: Table) -> Table:
        """Put zeros into the holes."""
        sizes = [(n - 1) * self.dilation + 1 for n in table.shape]
        stuffed = np.zeros(sizes, np.int64)
        stuffed[tuple(slice(None, None, self.dilation) for _ in sizes)] = table
        return stuffed


def _mat(path: Path, table: Table) -> str:
    """Write a kernel as libvips reads it, and dilcli too: width, height, divisor, offset."""
    rows = [" ".join(map(str, row)) for row in table.tolist()]
    head = f"{table.shape[1]} {table.shape[0]} {table.sum()} 0"
    path.write_text("\n".join([head, *rows, ""]))
    return str(path)


def _dilcli(case: Case, out: Path, command: str) -> list[str]:
    kernel = "@" + _mat(out.with_suffix(".mat"), case.table)
    words = [command, "apply", str(case.picture), "-k", kernel, "-d", str(case.dilation)]
    words += ["-b", "nearest", "--overwrite", "-o", str(out)]
    return words


def _vips(case: Case, out: Path, precision: str) -> list[str]:
    if case.separable:
        mask = _mat(out.with_suffix(".mat"), case.spread(case.line[None]))
    else:
        mask = _mat(out.with_suffix(".mat"), case.spread(case.table))
    target = f"{out}[Q={QUALITY}]" if out.suffix == ".jpg" else str(out)
    work = "convsep" if case.separable else "conv"
    return ["vips", work, str(case.picture), target, mask, "--precision", precision]


def _imagemagick(case: Case, out: Path, command: str) -> list[str]:
    tables = [case.line[None], case.line[:, None]] if case.separable else [case.table]
    words = [command, str(case.picture), "-define", "convolve:scale=!"]
    for table in tables:
        spread = case.spread(table)
        # It skips absent taps, but not in kernels of one column.
        hole = "0" if case.separable else "-"
        taps = ",".join(str(weight) if weight else hole for weight in spread.ravel().tolist())
        words += ["-morphology", "Correlate", f"{spread.shape[1]}x{spread.shape[0]}:{taps}"]
    return [*words, *_quality(out), str(out)]


def _graphicsmagick(case: Case, out: Path) -> list[str]:
    taps = ",".join(map(str, case.spread(case.table).ravel().tolist()))
    return ["gm", "convert", str(case.picture), "-convolve", taps, *_quality(out), str(out)]


def _quality(out: Path) -> list[str]:
    return ["-quality", str(QUALITY)] if out.suffix == ".jpg" else []


def _gmic(case: Case, out: Path, places: Callable[..., str]) -> list[str]:
    tables = [case.line[None], case.line[:, None]] if case.separable else [case.table]
    words = ["gmic", "-v", "-1", str(case.picture)]
    words += ["(" + ";".join(",".join(map(str, r)) for r in t.tolist()) + ")" for t in tables]
    for number, table in enumerate(tables, 1):
        words += [f"div[{number}]", str(table.sum())]
    for number, table in enumerate(tables, 1):
        call = places(table.shape, (case.dilation, case.dilation))
        words += ["correlate[0]", f"[{number}],1,0,1,{call}"]
    words += ["keep[0]", "round[0]", "cut[0]", f"0,{65535 if case.deep else 255}"]
    kind = {".jpg": f",{QUALITY}", ".tif": ",ushort" if case.deep else ",uchar"}
    return [*words, "output", str(out) + kind.get(out.suffix, "")]


def _script(case: Case, out: Path, name: str) -> list[str]:
    halves = case.separable and name != "pillow"
    mask = _mat(out.with_suffix(".mat"), case.line[:, None] if halves else case.table)
    words = [sys.executable, str(SCRIPTS / f"with_{name}.py"), str(case.picture), str(out), mask]
    return [*words, str(case.dilation), *(["separable"] if halves else [])]


#: Every peer, and the programs of which one has to be there.
PEERS: dict[str, tuple[str, ...]] = {
    "vips": ("vips",),
    "vips integer": ("vips",),
    "imagemagick": MAGICK,
    "graphicsmagick": ("gm",),
    "gmic": ("gmic",),
    "opencv": (sys.executable,),
    "scipy": (sys.executable,),
    "pillow": (sys.executable,),
    "read and save": (sys.executable,),
}


def _makers(case: Case, dilcli: str) -> dict[str, Callable[[Path], list[str]]]:
    magick = next((name for name in MAGICK if shutil.which(name)), MAGICK[0])
    return {
        "dilcli": lambda path: _dilcli(case, path, dilcli),
        PLAIN: lambda path: [*_dilcli(case, path, dilcli), *PLAIN.split()[1:]],
        "vips": lambda path: _vips(case, path, "float"),
        "vips integer": lambda path: _vips(case, path, "integer"),
        "imagemagick": lambda path: _imagemagick(case, path, magick),
        "graphicsmagick": lambda path: _graphicsmagick(case, path),
        "gmic": lambda path: _gmic(case, path, _places()),
        "opencv": lambda path: _script(case, path, "opencv"),
        "scipy": lambda path: _script(case, path, "scipy"),
        "pillow": lambda path: _script(case, path, "pillow"),
        "read and save": lambda path: [sys.executable, SAVE_AGAIN, str(case.picture), str(path)],
    }


def commands(
    case: Case, folder: Path, dilcli: str, peers: list[str]
) -> dict[str, tuple[list[str], Path]]:
    """Write the command of every side, and where its output goes.

    Pillow has kernels of 3x3 and 5x5 on 8 bits only, GraphicsMagick no wide ones. *read and save*
    filters nothing. dilcli compresses TIFFs, most others do not: there it has a second side.
    """

    def out(side: str) -> Path:
        return folder / f"{side.replace(' ', '-')}{case.picture.suffix}"

    makers = _makers(case, dilcli)
    if case.effective_size not in (3, 5) or case.deep:
        del makers["pillow"]
    if case.deep:
        del makers["read and save"]
    if case.picture.suffix != ".tif":
        del makers[PLAIN]
    made = {
        side: (make(out(side)), out(side))
        for side, make in makers.items()
        if side.startswith("dilcli") or side in peers
    }
    if max(map(len, made.get("graphicsmagick", ([], out("")))[0]), default=0) > LONGEST:
        del made["graphicsmagick"]
    return made


def _places() -> Callable[..., str]:
    """Choose the order of arguments that this G'MIC has: it changed with version 3."""
    found = re.search(r"\d+", tool_versions(["gmic"]).partition("gmic ")[2])
    return newer_call if found and int(found[0]) >= 3 else older_call


def tool_versions(peers: list[str]) -> str:
    """Ask the programs for their versions."""
    asked: dict[str, list[Any]] = {
        "vips": ["vips", "--version"],
        "imagemagick": [next((m for m in MAGICK if shutil.which(m)), "magick"), "-version"],
        "graphicsmagick": ["gm", "version"],
        "gmic": ["gmic", "version"],
    }
    found = []
    for name in (peer for peer in peers if peer in asked and shutil.which(asked[peer][0])):
        done = subprocess.run(asked[name], capture_output=True, text=True, check=False)
        number = re.search(r"\d+\.\d+[\d.+~-]*\d", done.stdout + done.stderr)
        found.append(f"{name} {number[0] if number else '?'}")
    return ", ".join(found)
