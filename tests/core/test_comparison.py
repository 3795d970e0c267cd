"""The two ways: equal to the last bit where they must be, and measured honestly elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.boundary import BOUNDARIES, Boundary
from dilcli.core.comparison import Setup, compare
from dilcli.core.correlate import correlate
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.resample import lattice
from tests.comparisons import SOBEL, noise, responses

Pair = tuple[int, int]
CASES = json.loads((Path(__file__).parents[1] / "data" / "compare_cases.json").read_text())["cases"]


def small_kernels() -> st.SearchStrategy[Kernel]:
    return st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
        lambda shape: st.lists(
            st.floats(-9, 9, width=32), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
        ).map(lambda w: Kernel(tuple(map(tuple, np.reshape(w, shape).tolist()))))
    )


@given(
    st.tuples(st.integers(1, 19), st.integers(1, 19)),
    st.tuples(st.integers(1, 25), st.integers(1, 25)),
    small_kernels(),
    st.sampled_from(BOUNDARIES),
    st.sampled_from(["float32", "float64"]),
    st.booleans(),
    st.sampled_from(["one", "all"]),
    st.data(),
)
def test_at_the_kept_samples_both_ways_have_the_same_bits(  # noqa: PLR0917
    size: Pair,
    rate: Pair,
    kernel: Kernel,
    boundary: Boundary,
    dtype: str,
    convolve: bool,
    phases: str,
    data: st.DataObject,
) -> None:
    origin = tuple(data.draw(st.integers(0, n - 1)) for n in kernel.shape)
    setup = Setup(
        kernel,
        rate,
        boundary,
        fill=3.5,
        origin=(origin[0], origin[1]),
        convolve=convolve,
        phases=phases,
    )
    pixels = noise((*size, 1), dtype)
    found = compare(pixels, setup)
    steps = (1, 1) if phases == "all" else rate
    assert found.identity.exact
    assert found.identity.max_abs_diff == 0
    assert found.identity.positions == pixels[lattice(steps)].size
    if phases == "all":
        kept = responses(pixels, setup)
        np.testing.assert_array_equal(kept["implant"], kept["dilated"])


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['shape']}-{c['rate']}-{c['boundary']}")
def test_published_cases(case: dict[str, Any]) -> None:
    pixels = np.array(case["input"])[..., np.newaxis]
    kernel = Kernel(tuple(map(tuple, case["kernel"])))
    setup = Setup(kernel, (case["rate"],) * 2, case["boundary"])
    kept = responses(pixels, setup)
    np.testing.assert_array_equal(kept["dilated"][..., 0], case["dilated"])
    found = compare(pixels, setup)
    assert found.identity.max_abs_diff == case["max_abs_diff_at_samples_pad_first"] == 0
    assert found.ways[1].coverage == pytest.approx(case["coverage"])
    late = setup._replace(border="decimate-first")
    small = responses(pixels, late)["implant"][lattice(setup.rate)]
    np.testing.assert_array_equal(small[..., 0], case["decimated_then_same_boundary"])
    apart = compare(pixels, late).identity
    assert apart.max_abs_diff == case["max_abs_diff_at_samples_decimate_first"]
    assert apart.exact == (apart.max_abs_diff == 0)


def test_with_a_prefilter_the_identity_is_that_of_the_prefiltered_picture() -> None:
    pixels, blur = noise((24, 25, 1)), parse_kernel("gaussian:sigma=1")
    setup = Setup(SOBEL, (2, 2), prefilter=blur)
    kept, found = responses(pixels, setup), compare(pixels, setup)
    assert found.identity.exact
    smooth = correlate(correlate(pixels, blur), SOBEL, dilation=2)
    np.testing.assert_allclose(kept["implant"][::2, ::2], smooth[::2, ::2], atol=1e-9)
    by_name = {way.name: way for way in found.ways}
    bilinear = by_name["bilinear"]
    assert bilinear.errors.sampled
    assert bilinear.errors.sampled > 1
    apart = np.sqrt(np.mean((kept["dilated"] - smooth) ** 2))
    assert bilinear.prefilter_error == pytest.approx(apart)
    between = np.sqrt(np.mean((kept["bilinear"] - smooth) ** 2))
    assert bilinear.interpolation_error == pytest.approx(between)
    assert by_name["dilated"].prefilter_error == by_name["dilated"].interpolation_error == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_do_not_break_the_identity(value: float) -> None:
    pixels = noise((12, 12, 1))
    pixels[5, 6] = value
    assert compare(pixels, Setup(SOBEL, (2, 2))).identity.exact
