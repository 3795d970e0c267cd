"""The public call gives the array of the report."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from dilcli.core.denoise import denoise
from dilcli.core.denoise_report import denoise_and_report


def test_every_setting_reaches_the_report() -> None:
    image = np.random.default_rng(21).normal(2, 10, (30, 20, 3))
    settings: dict[str, Any] = {
        "ksigma": (2, 1),
        "threshold": "soft",
        "sigma": 8.0,
        "amount": 0.9,
        "iterations": 2,
        "positive": True,
        "kernel": "linear",
        "boundary": "constant",
        "fill": 4.0,
        "generation": 2,
        "threads": 1,
    }
    whole = denoise(image, 3, **settings)
    np.testing.assert_array_equal(whole, denoise_and_report(image, 3, **settings).image)
    for name, value in {**settings, "poisson": (1.0, 2.0, 0.0)}.items():
        alone = denoise(image, **{name: value})
        np.testing.assert_array_equal(alone, denoise_and_report(image, **{name: value}).image)
        changed = not np.array_equal(alone, denoise(image))
        assert changed or name in {"threads", "fill"}


def test_both_calls_take_the_same_settings_and_defaults() -> None:
    one, other = map(inspect.signature, (denoise, denoise_and_report))
    assert list(one.parameters.values()) == list(other.parameters.values())


def test_a_picture_under_white_noise_comes_closer_to_itself() -> None:
    rng = np.random.default_rng(22)
    y, x = np.mgrid[:200, :200]
    truth = 100 + 60 * np.exp(-((y - 100) ** 2 + (x - 80) ** 2) / 800) + 40 * (x > 150)
    noisy = truth + rng.normal(0, 10, truth.shape)
    clean = denoise(noisy)
    gain = 20 * np.log10(np.std(noisy - truth) / np.std(clean - truth))
    assert gain > 9
