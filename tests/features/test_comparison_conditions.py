"""Conditions that stop a script: how they are read, and of whom they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dilcli.errors import ArgumentError
from dilcli.features.comparison_conditions import (
    OF_THE_PICTURE,
    OF_WAYS,
    check_conditions,
    holding,
    parse_condition,
)
from dilcli.features.comparison_record import as_record
from tests.features.test_compare import run


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    return as_record(run(np.random.default_rng(0).random((16, 16))))


def held(record: dict[str, Any], *texts: str) -> list[str]:
    return holding(record, [parse_condition(text) for text in texts])


def test_every_name_is_found_in_a_record(record: dict[str, Any]) -> None:
    for name in OF_WAYS:
        assert len(held(record, f"{name} >= -2")) == 1, name
        assert len(held(record, f"bicubic.{name} >= -2")) == 1, name
    for name in OF_THE_PICTURE:
        assert len(held(record, f"{name}>=0")) == 1, name


def test_without_a_way_any_but_dilated_is_enough(record: dict[str, Any]) -> None:
    assert held(record, "rmse=0") == []
    (line,) = held(record, "coverage<1")
    assert line == "coverage<1: implant.coverage is 0.25"
    (line,) = held(record, "psnr<1000")
    assert [word for word in ("implant", "nearest", "bilinear", "bicubic") if word in line] == [
        *("implant", "nearest", "bilinear", "bicubic")
    ]
    assert "dilated" not in line


def test_a_way_may_be_named(record: dict[str, Any]) -> None:
    assert held(record, "bilinear.coverage<1", "implant.sampled>0") == []
    assert len(held(record, "Implant.coverage < 1", "dilated.rmse=0")) == 2


def test_the_psnr_of_identical_responses_is_infinite(record: dict[str, Any]) -> None:
    assert held(record, "dilated.psnr<1e9") == []
    assert held(record, "dilated.psnr=inf") == ["dilated.psnr=inf: dilated.psnr is inf"]


def test_of_what_is_unknown_nothing_holds() -> None:
    record = as_record(run(np.random.default_rng(0).random((5, 5))))
    assert held(record, "ssim<2", "ssim>=-2", "ssim!=0") == []


@pytest.mark.parametrize(("sign", "truth"), [("<", 0), ("<=", 1), ("=", 1), ("==", 1), (">=", 1)])
def test_each_sign_means_what_it_says(record: dict[str, Any], sign: str, truth: int) -> None:
    assert len(held(record, f"implant.coverage{sign}25%")) == truth
    assert held(record, "implant.coverage!=0.25", "implant.coverage>0.25") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("psnr", "is no condition"),
        ("psnr<", "is no condition"),
        ("psn<4", "did you mean 'psnr'"),
        ("bilinaer.psnr<4", "did you mean 'bilinear'"),
        ("psnr<40%", "no percentage"),
        ("bilinear.aliased_energy>0", "unknown name"),
        ("psnr<40x30", "is no condition"),
    ],
)
def test_other_texts_are_refused(text: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        parse_condition(text)


def test_a_way_that_is_not_run_is_refused() -> None:
    conditions = [parse_condition("bilinear.psnr<40")]
    check_conditions(conditions, ["dilated", "bilinear"])
    with pytest.raises(ArgumentError, match="bilinear is not among the ways"):
        check_conditions(conditions, ["dilated", "nearest"])
