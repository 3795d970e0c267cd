"""A comparison as JSON: its keys, which stay, and nothing that JSON has no number for."""

from __future__ import annotations

import json

import numpy as np

from dilcli.core.kernels import parse_kernel
from dilcli.features.comparison_record import as_record
from tests.features.test_compare import run

KEYS = (
    *("input", "kernel", "dilation", "boundary", "channels", "prefilter", "align", "border"),
    *("phases", "size", "ways", "identity", "aliased_energy", "gridding"),
)
WAY_KEYS = (
    *("name", "coverage", "parameters", "effective_size", "macs_per_pixel", "max_abs_diff"),
    *("mae", "rmse", "psnr", "ssim", "correlation", "identical", "data_range", "errors"),
    *("prefilter_error", "interpolation_error", "checkerboard", "seconds"),
)


def test_keys_and_their_order_are_these() -> None:
    record = as_record(run(np.random.default_rng(0).random((9, 11)), (2, 3)))
    assert tuple(record) == KEYS
    assert [tuple(way) for way in record["ways"]] == [WAY_KEYS] * 5
    assert tuple(record["identity"]) == ("positions", "max_abs_diff", "exact")
    assert tuple(record["gridding"]) == ("mean_spread", "variance_spread")
    assert tuple(record["ways"][0]["errors"]) == ("sampled", "between", "border")
    assert (record["size"], record["dilation"]) == ([9, 11], [2, 3])
    assert [way["name"] for way in record["ways"]][:2] == ["dilated", "implant"]
    assert record["identity"]["exact"] is True


def test_identical_responses_have_no_psnr_and_are_said_to_be_identical() -> None:
    dilated = as_record(run(np.random.default_rng(0).random((9, 9))))["ways"][0]
    assert dilated["psnr"] is None
    assert dilated["identical"] is True


def test_no_number_is_infinite_or_none_at_all() -> None:
    pixels = np.where(np.eye(12) > 0, np.inf, 3.0)
    pixels[2] = np.nan
    record = as_record(run(pixels, (3, 3), kernel=parse_kernel("1 2 1")))
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["gridding"]["mean_spread"] is None
