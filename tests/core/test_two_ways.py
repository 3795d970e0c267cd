"""Each way does what it says, and settings without a meaning are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.core.boundary import BOUNDARIES
from dilcli.core.comparison import COSTLY_WAYS, WAYS, Setup, compare
from dilcli.core.correlate import correlate
from dilcli.core.kernels import parse_kernel
from dilcli.core.resample import lattice
from dilcli.errors import ArgumentError
from tests.comparisons import SOBEL, noise, responses

Pair = tuple[int, int]


def test_each_way_is_what_it_says() -> None:
    pixels, rate = noise((30, 41, 2)), (2, 3)
    kept = responses(pixels, Setup(SOBEL, rate, ways=(*WAYS, *COSTLY_WAYS)))
    dilated = correlate(pixels, SOBEL, dilation=rate)
    np.testing.assert_allclose(kept["dilated"], dilated, atol=1e-9)
    np.testing.assert_allclose(kept["dense"], correlate(pixels, SOBEL), atol=1e-9)
    np.testing.assert_allclose(kept["naive"], dilated, atol=1e-9)
    assert np.count_nonzero(kept["implant"]) <= pixels[lattice(rate)].size
    for way in ("nearest", "bilinear", "bicubic"):
        np.testing.assert_array_equal(kept[way][lattice(rate)], kept["dilated"][lattice(rate)])


@pytest.mark.parametrize("kernel", ["1 2 3 4", "1 2; 3 4; 5 6"])
def test_the_naive_way_has_the_taps_of_an_even_kernel_where_dilation_puts_them(kernel: str) -> None:
    for boundary in BOUNDARIES:
        setup = Setup(parse_kernel(kernel), (2, 2), boundary, 4.0, ways=("dilated", "naive"))
        kept = responses(noise((9, 12, 1)), setup)
        np.testing.assert_allclose(kept["naive"], kept["dilated"], atol=1e-9)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"border": "late"}, "unknown border 'late' .choices: pad-first, decimate-first"),
        ({"phases": "two"}, "unknown phases 'two'"),
        ({"ways": ("dilated", "lanczos")}, "unknown way 'lanczos'"),
        ({"border": "decimate-first", "phases": "all"}, "needs pad-first"),
    ],
)
def test_settings_without_a_meaning_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        compare(noise((8, 8, 1)), Setup(SOBEL, (2, 2))._replace(**wrong))


def test_ways_that_throw_nothing_away_need_no_prefilter() -> None:
    pixels = noise((20, 21, 1))
    plain = Setup(SOBEL, (2, 2), ways=("dilated", "dense", "naive"))
    smooth = plain._replace(prefilter=parse_kernel("b3"))
    for name, response in responses(pixels, smooth).items():
        np.testing.assert_array_equal(response, responses(pixels, plain)[name])
