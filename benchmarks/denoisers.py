"""Ways to take white noise out of a picture: dilcli's, scikit-image's and watroo's."""

from __future__ import annotations

import importlib
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import dilcli

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Samples = NDArray[Any]
    Denoise = Callable[[Samples, float], Samples]

__all__ = ["denoisers"]

#: dilcli's own settings, by name; ``known`` takes the deviation of the noise as given.
OURS: dict[str, dict[str, Any]] = {
    "dilcli": {},
    "dilcli, ksigma 3": {"ksigma": 3},
    "dilcli, soft": {"threshold": "soft"},
    "dilcli, soft, ksigma 3": {"threshold": "soft", "ksigma": 3},
    "dilcli, soft, ksigma 1.5,1": {"threshold": "soft", "ksigma": (1.5, 1)},
    "dilcli, generation 2": {"generation": 2},
    "dilcli, iterations 2": {"iterations": 2},
    "dilcli, soft 1.5,1, generation 2": {
        "threshold": "soft",
        "ksigma": (1.5, 1),
        "generation": 2,
    },
}
#: watroo's thresholds as dilcli's defaults are.
KSIGMA = [4, 3, 3, 3]


def denoisers(*, cycle_spin: bool) -> dict[str, Denoise]:
    """Name every way to denoise: a picture of 0 to 255 and the sigma of its noise come in."""
    restoration = importlib.import_module("skimage.restoration")
    watroo = importlib.import_module("watroo")

    def wavelet(noisy: Samples, _: float, **settings: Any) -> Samples:
        out: Samples = 255 * restoration.denoise_wavelet(noisy / 255, **settings)
        return out

    def spun(noisy: Samples, _: float, **settings: Any) -> Samples:
        out: Samples = 255 * restoration.cycle_spin(
            noisy / 255, restoration.denoise_wavelet, 3, func_kw=settings, workers=1
        )
        return out

    def ours(noisy: Samples, sigma: float, *, known: bool, **settings: Any) -> Samples:
        return dilcli.denoise(noisy, sigma=sigma if known else None, **settings)

    def theirs(noisy: Samples, sigma: float, *, known: bool, soft: bool) -> Samples:
        noise = sigma if known else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            out: Samples = watroo.denoise(noisy, KSIGMA, noise=noise, soft_threshold=soft)
        return out

    ways: dict[str, Denoise] = {}
    for name, settings in OURS.items():
        ways[name] = partial(ours, known=False, **settings)
    ways["dilcli, known sigma"] = partial(ours, known=True)
    for method in ("BayesShrink", "VisuShrink"):
        for name in ("db1", "db2"):
            side = f"skimage {method} {name}"
            ways[side] = partial(wavelet, method=method, wavelet=name)
            if cycle_spin and method == "BayesShrink":
                ways[f"{side}, cycle_spin"] = partial(spun, method=method, wavelet=name)
    ways["watroo, hard"] = partial(theirs, known=False, soft=False)
    ways["watroo, erf"] = partial(theirs, known=False, soft=True)
    ways["watroo, hard, known sigma"] = partial(theirs, known=True, soft=False)
    return ways
