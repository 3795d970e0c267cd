"""What is asked for is checked, and the layout told before is what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe, check_recipe, output_layout, settled_alpha
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.recipe import Alpha
    from dilcli.core.response import Depth

BOX = parse_kernel("box")
GAUSS = parse_kernel("gaussian:sigma=1,size=5")


def _random(shape: tuple[int, ...], dtype: str = "uint8", seed: int = 0) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 100, shape).astype(dtype)


@pytest.mark.parametrize("depth", ["same", "8", "16", "float"])
@pytest.mark.parametrize("alpha", ["auto", "premultiply", "keep", "drop"])
@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_layout_told_before_is_what_comes_out(
    depth: Depth, alpha: Alpha, channels: int, dtype: str
) -> None:
    frame = _random((7, 9, channels), dtype)
    for luma in (False, True):
        recipe = Recipe(GAUSS, depth=depth, alpha=alpha, stride=(2, 3), luma=luma)
        layout = output_layout(frame.shape, frame.dtype, recipe, alpha=True)
        got = filter_frame(frame, recipe, alpha=True)
        assert got.samples.shape == layout.shape
        assert got.samples.shape[:2] == (4, 3)
        assert got.samples.dtype == layout.dtype
        assert got.alpha == layout.alpha == (alpha != "drop")
        assert got.response == layout.response


@pytest.mark.parametrize(
    ("spec", "asked", "origin", "wanted"),
    [
        ("gaussian", "auto", None, "premultiply"),
        ("sobel-y", "auto", None, "keep"),
        ("unsharp", "auto", None, "keep"),
        ("identity", "auto", None, "keep"),
        ("1 0 0", "auto", None, "premultiply"),
        ("1 0 0", "auto", (0, 0), "keep"),
        ("0 0", "auto", None, "keep"),
        ("box", "drop", None, "drop"),
        ("box", "keep", None, "keep"),
        ("identity", "premultiply", None, "premultiply"),
    ],
)
def test_alpha_is_weighed_for_non_negative_kernels_that_mix(
    spec: str, asked: Alpha, origin: Any, wanted: str
) -> None:
    recipe = Recipe(parse_kernel(spec), alpha=asked, origin=origin)
    assert settled_alpha(recipe) == wanted


@pytest.mark.parametrize("spec", ["sobel-y", "0 0"])
def test_alpha_cannot_be_weighed_by_other_kernels(spec: str) -> None:
    with pytest.raises(ArgumentError, match=r"non-negative weights.*use keep or drop"):
        check_recipe(Recipe(parse_kernel(spec), alpha="premultiply"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dilations": ((0, 1),)}, r"dilation must be 1 to 1000000000 \(got 0\)"),
        ({"dilations": ((1, 10**20),)}, "dilation must be 1 to"),
        ({"stride": (1, 0)}, r"stride must be 1 to 1000000000 \(got 0\)"),
        ({"stride": (10**10, 1)}, "stride must be"),
        ({"bias": np.nan}, r"bias must be a finite number \(got nan\)"),
        ({"dilations": ((1, 1), (2, 2))}, "only with combine"),
        ({"origin": (3, 0)}, "origin 3,0 lies outside"),
        ({"response": "ofset"}, "response 'ofset' is not one of auto, clip, abs"),
        ({"depth": "12"}, "depth '12' is not one of same, 8"),
        ({"alpha": "weigh"}, "alpha 'weigh' is not one of auto, premultiply"),
        ({"combine": "min"}, "combine 'min' is not one of None, max"),
        ({"response": "raw", "depth": "8"}, "needs signed or float samples"),
        ({"response": "offset", "depth": "float"}, "use response raw"),
    ],
)
def test_what_has_no_meaning_for_any_picture_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    recipe = Recipe(BOX, **changes)
    with pytest.raises(ArgumentError, match=message):
        check_recipe(recipe)
    with pytest.raises(ArgumentError, match=message):
        filter_frame(_random((5, 5)), recipe)


@pytest.mark.parametrize(
    ("frame", "changes", "message"),
    [
        (np.zeros((5, 5, 2), np.uint8), {"luma": True}, r"luma needs 1 or 3 .* \(got 2\)"),
        (np.zeros((5, 5), np.float32), {"linear": True}, "unsigned integers .got float32"),
        (np.zeros((5, 5), np.int16), {"linear": True}, "unsigned integers .got int16"),
        (np.zeros((5, 5), np.uint8), {"response": "raw"}, "output has uint8"),
        (np.zeros((5, 5), np.float32), {"response": "offset"}, "mid-grey"),
        (np.zeros(5, np.uint8), {}, "kernel of 3 rows cannot filter a row"),
        (np.zeros((0, 5), np.uint8), {}, r"shape \(0, 5\).*no side 0"),
        (np.zeros((2, 2, 2, 2), np.uint8), {}, "want .N,., .H, W. or"),
        (np.zeros((5, 5), complex), {}, "complex128 cannot be filtered"),
        (np.full((5, 5), 2**60), {}, r"beyond 2\*\*53"),
    ],
)
def test_what_has_no_meaning_for_this_picture_is_refused(
    frame: NDArray[Any], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        filter_frame(frame, Recipe(BOX, **changes))
