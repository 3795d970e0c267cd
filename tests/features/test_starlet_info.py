"""The record of what levels span."""

from __future__ import annotations

import pytest

from dilcli.core.kernels import parse_kernel
from dilcli.core.noise_weights import noise_weights
from dilcli.errors import ArgumentError, KernelError
from dilcli.features.starlet_info import starlet_info


def test_the_record_holds_what_the_core_calculates() -> None:
    record = starlet_info(3, parse_kernel("linear"), 2)
    weights = noise_weights(3, "linear", generation=2)
    assert [each["noise_weight"] for each in record["levels"]] == [
        each.noise_weight for each in weights.levels
    ]
    assert record["residual"]["support"] == weights.residual.support
    assert (record["kernel"], record["taps"]) == ("linear", [0.25, 0.5, 0.25])


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(KernelError):
        starlet_info(3, parse_kernel("sobel-x"))
    with pytest.raises(ArgumentError):
        starlet_info(0, parse_kernel("b3"))
