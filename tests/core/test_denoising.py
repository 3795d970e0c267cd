"""Settings of denoising are checked once, and refused in one line."""

from __future__ import annotations

import numpy as np
import pytest

from dilcli.core.anscombe import PoissonGaussian
from dilcli.core.denoising import Denoising, checked_sigmas, denoising
from dilcli.errors import ArgumentError


def test_defaults_are_4_sigma_at_the_finest_level_and_3_at_the_others() -> None:
    assert denoising(3) == Denoising((4.0, 3.0, 3.0), "hard")
    assert denoising(1, ksigma=2).ksigma == (2.0,)
    for usual in ((4, 3), [4, 3], np.array([4.0, 3.0])):
        assert denoising(1, ksigma=usual).ksigma == (4.0,)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", ["x", None, 2, np.nan])
def test_an_amount_that_is_none_is_refused(amount: float) -> None:
    with pytest.raises(ArgumentError, match="amount must be from 0, the image, to 1"):
        denoising(4, amount=amount)


def test_the_noise_of_what_is_transformed_is_known_or_to_be_estimated() -> None:
    assert denoising(1).known is None
    assert denoising(1, sigma=3).known == (3.0,)
    poisson = denoising(1, poisson=(2, 1, 10))
    assert (poisson.noise, poisson.known) == (PoissonGaussian(2, 1, 10), (1.0,))


def test_one_sigma_serves_all_channels() -> None:
    assert checked_sigmas(2, 3) == (2, 2, 2)
    assert checked_sigmas((1, 2, 3), 3) == (1, 2, 3)


@pytest.mark.parametrize("sigma", [-1, np.nan, np.inf, (1, 2), "x", ()])
def test_a_sigma_that_cannot_be_is_refused(sigma: float) -> None:
    with pytest.raises(ArgumentError, match="sigma must be a finite number >= 0, or 3 of them"):
        checked_sigmas(sigma, 3)


@pytest.mark.parametrize("sigma", [-1, np.nan, np.inf, "x", ()])
def test_a_sigma_is_refused_before_the_channels_are_known(sigma: float) -> None:
    with pytest.raises(ArgumentError, match="sigma must be a finite number >= 0, or one a channel"):
        denoising(4, sigma=sigma)
