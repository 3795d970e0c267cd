"""The à trous transform beside its peers: what denoising gains, and how long a transform takes.

Prints (1) the gain in PSNR by ``dilcli.denoise`` beside scikit-image's ``denoise_wavelet`` and
watroo's ``denoise``, on a photograph with white Gaussian noise of known sigma; (2) seconds of a
transform of 12 Mpx into 6 levels beside PyWavelets ``swt2``, watroo's ``AtrousTransform`` and
G'MIC's ``split_details``.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from denoisers import denoisers
from harness import (
    Measure,
    add_options,
    console,
    machine,
    measured,
    show,
    versions,
    write_report,
)
from PIL import Image
from rich.progress import track
from running import interleaved

import dilcli
from dilcli.core.starlet import iter_planes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Samples = NDArray[Any]

SAMPLES = Path(__file__).parents[1] / "sample_images"


def gains(photo: Path, options: argparse.Namespace) -> list[Measure]:
    """Measure what every way to denoise gains, in dB; ratios are of the errors' squares."""
    ratio = importlib.import_module("skimage.metrics").peak_signal_noise_ratio
    clean = np.asarray(Image.open(photo).convert("L")).astype(np.float64)
    ways = denoisers(cycle_spin=not options.no_cycle_spin)
    found = []
    for sigma in track(options.sigmas, photo.name, console=console, transient=True):
        noisy = clean + np.random.default_rng(options.seed).normal(0, sigma, clean.shape)
        if options.clipped:
            noisy = np.clip(np.rint(noisy), 0, 255)
        before = float(ratio(clean, noisy, data_range=255))
        values = {
            name: float(ratio(clean, np.clip(way(noisy, sigma), 0, 255), data_range=255)) - before
            for name, way in ways.items()
        }
        errors = {
            side: 10 ** ((values["dilcli"] - value) / 10)
            for side, value in values.items()
            if not side.startswith("dilcli")
        }
        case = f"{photo.name}, sigma {sigma:g}, PSNR {before:.2f} dB"
        found.append(Measure(case, "gain in dB", values, errors))
    return found


def show_gains(measures: list[Measure]) -> None:
    """Print a column for every deviation of the noise."""
    photo = measures[0].case.partition(",")[0]
    columns = [measure.case.partition(", ")[2].replace(", ", "\n") for measure in measures]
    best = [max(measure.values.values()) for measure in measures]
    rows = [
        [side, *(f"{m.values[side]:.2f}{'*' * (m.values[side] == top)}" for m, top in pairs)]
        for side in measures[0].values
        for pairs in [list(zip(measures, best, strict=True))]
    ]
    show(f"{photo}: gain in PSNR, dB (* the best)", ["", *columns], rows)


def gmic_seconds(image: Samples, levels: int, folder: Path) -> Callable[[bool], object]:
    """Prepare G'MIC: a call loads the picture, and if asked to splits it."""
    path = folder / f"{image.dtype}.cimg"
    name = {"uint8": "unsigned_char", "float32": "float"}[str(image.dtype)]
    head = f"1 {name} little_endian\n{image.shape[1]} {image.shape[0]} 1 1\n"
    path.write_bytes(head.encode() + image.tobytes())

    def run(split: bool) -> object:
        work = ["split_details", f"{levels + 1},0,0"] if split else []
        command = ["gmic", "-v", "-1", str(path), *work, "remove"]
        return subprocess.run(command, check=True, capture_output=True)

    return run


def transforms(
    image: Samples, levels: int, folder: Path, peers: list[str]
) -> dict[str, Callable[[], object]]:
    """Prepare every transform of a picture; all planes are made, none is kept on disk."""

    def planes() -> None:
        for _ in iter_planes(image, levels):
            pass

    sides: dict[str, Callable[[], object]] = {
        "dilcli iter_planes": planes,
        "dilcli starlet": lambda: dilcli.starlet(image, levels),
    }
    if "pywt" in peers:
        pywt = importlib.import_module("pywt")
        low, high = [0, 1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16], [0, 0, 0, 1, 0, 0]
        bank = pywt.Wavelet("b3", filter_bank=(low, high, low, high))
        for wavelet in ("haar", "bior2.2", bank):
            name = getattr(wavelet, "name", wavelet) or "b3"
            sides[f"swt2 {name}"] = partial(pywt.swt2, image, wavelet, levels)
    if "watroo" in peers:
        watroo = importlib.import_module("watroo")
        transform = watroo.AtrousTransform()
        # It computes in the samples' own type, which loses everything in integers.
        sides["watroo"] = lambda: transform(image.astype(np.float32, copy=False), levels)
    if "gmic" in peers:
        gmic = gmic_seconds(image, levels, folder)
        sides["G'MIC, command"] = partial(gmic, True)
        sides["G'MIC, loading"] = partial(gmic, False)
    return sides


def times(options: argparse.Namespace) -> list[Measure]:
    """Time the transforms of 8-bit and of float32 samples."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("uint8", "float32"):
            image = np.random.default_rng(1).integers(0, 256, options.size).astype(kind)
            sides = transforms(image, options.levels, Path(folder), options.peers)
            with console.status(f"{kind} ..."):
                interleaved(sides, 1)
                seconds = interleaved(sides, options.repeat)
            best = {side: min(taken) for side, taken in seconds.items()}
            if "G'MIC, command" in best:
                loading = best.pop("G'MIC, loading")
                best["G'MIC, without loading"] = best["G'MIC, command"] - loading
            size = "x".join(map(str, options.size))
            case = f"{kind} {size}, {options.levels} levels"
            found.append(measured(case, "seconds", best, ours="dilcli iter_planes"))
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("--sigmas", nargs="+", type=float, default=[5, 10, 20, 40])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clipped", action="store_true", help="noise in 8-bit samples, not float")
    parser.add_argument("--no-cycle-spin", action="store_true", help="leave the slowest ways out")
    parser.add_argument("--size", default="3008x4032", metavar="HxW", help="multiples of 2**levels")
    parser.add_argument("--levels", type=int, default=6)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peers", default="pywt,watroo,gmic", metavar="NAME,NAME")
    parser.add_argument("--only", choices=["gains", "times"])
    add_options(parser)
    options = parser.parse_args()
    options.photos = options.photos or [SAMPLES / "camera.png", SAMPLES / "cat.png"]
    options.size = tuple(map(int, options.size.split("x")))
    options.peers = [
        name
        for name in options.peers.split(",")
        if (shutil.which(name) if name == "gmic" else importlib.util.find_spec(name))
    ]
    return options


def main() -> None:
    """Measure gains and times, and print the tables."""
    options = _options()
    packages = versions("dilcli", "numpy", "scikit-image", "PyWavelets", "watroo")
    console.print(f"{machine()}\n{packages}")
    measures: list[Measure] = []
    if options.only != "times":
        kept = "8-bit, clipped" if options.clipped else "float, not clipped"
        console.print(f"noisy samples: {kept}; all results are clipped to 0..255")
        for photo in options.photos:
            measures += gains(photo, options)
            show_gains(measures[-len(options.sigmas) :])
    if options.only != "gains":
        for measure in times(options):
            measures.append(measure)
            rows = [
                [side, f"{seconds:.3f}", f"{measure.ratios.get(side, 1):.2f}"]
                for side, seconds in measure.values.items()
            ]
            title = f"{measure.case}: best of {options.repeat}, taking turns"
            show(title, ["", "seconds", "times as long"], rows)
    write_report(options, packages, measures, __file__)


if __name__ == "__main__":
    main()
