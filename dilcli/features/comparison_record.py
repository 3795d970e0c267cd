"""A comparison as data that can be written as JSON, with keys that stay."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dilcli.core.comparison import WayResult
    from dilcli.features.compare import Run

__all__ = ["as_record"]


def as_record(run: Run) -> dict[str, Any]:
    """Give a comparison as a dictionary of texts, finite numbers, lists and None.

    Parameters
    ----------
    run : Run

    Returns
    -------
    dict
        ``ways`` has one dictionary for each way, in the order of the table. What is unknown, or
        no finite number, is None.
    """
    setup, comparison = run.setup, run.comparison
    identity, gridding = comparison.identity, comparison.gridding
    record = {
        "input": run.input,
        "kernel": setup.kernel.name,
        "dilation": list(setup.rate),
        "boundary": setup.boundary,
        "channels": run.channels,
        "prefilter": run.prefilter,
        "align": setup.align,
        "border": setup.border,
        "phases": setup.phases,
        "size": list(run.size),
        "ways": [_way(way) for way in comparison.ways],
        "identity": {
            "positions": identity.positions,
            "max_abs_diff": identity.max_abs_diff,
            "exact": identity.exact,
        },
        "aliased_energy": comparison.aliased_energy,
        "gridding": gridding._asdict(),
    }
    finite: dict[str, Any] = _finite(record)
    return finite


def _way(way: WayResult) -> dict[str, Any]:
    apart = way.differences
    return {
        "name": way.name,
        "coverage": way.coverage,
        "parameters": way.parameters,
        "effective_size": list(way.effective_size),
        "macs_per_pixel": way.macs_per_pixel,
        "max_abs_diff": apart.max_abs_diff,
        "mae": apart.mae,
        "rmse": apart.rmse,
        "psnr": apart.psnr,
        "ssim": apart.ssim,
        "correlation": apart.correlation,
        "identical": apart.identical,
        "data_range": apart.data_range,
        "errors": way.errors._asdict(),
        "prefilter_error": way.prefilter_error,
        "interpolation_error": way.interpolation_error,
        "checkerboard": way.checkerboard,
        "seconds": way.seconds,
    }


def _finite(value: Any) -> Any:
    """Replace what JSON has no number for."""
    if isinstance(value, dict):
        return {key: _finite(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_finite(member) for member in value]
    return None if isinstance(value, float) and not isfinite(value) else value
