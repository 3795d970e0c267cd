"""What each level of an à trous transform spans, and what it makes of noise, as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dilcli.core.kernels import Kernel
    from dilcli.core.noise_weights import PlaneWeight

__all__ = ["starlet_info"]


def starlet_info(levels: int, kernel: Kernel, generation: int = 1) -> dict[str, Any]:
    """Give support, reach and noise weight of each plane of a picture of rows and columns.

    Parameters
    ----------
    levels : int
        How many details, at least 1.
    kernel : Kernel
        The scaling function.
    generation : {1, 2}

    Returns
    -------
    dict
        Ready for JSON: ``kernel``, ``taps``, ``generation``, ``levels`` (records with ``level``,
        ``noise_weight``, ``support`` and ``reach``, level 1 first) and ``residual``. They are
        those of `dilcli.core.noise_weights.PlaneWeight`.

    Raises
    ------
    ArgumentError, KernelError
        If a value has no meaning here.
    """
    from dilcli.core.noise_weights import noise_weights
    from dilcli.core.scaling import scaling_taps

    taps = scaling_taps(kernel)
    weights = noise_weights(levels, taps, generation=generation)
    return {
        "kernel": kernel.name,
        "taps": list(taps),
        "generation": generation,
        "levels": [{"level": each.level, **_record(each)} for each in weights.levels],
        "residual": _record(weights.residual),
    }


def _record(weight: PlaneWeight) -> dict[str, Any]:
    return {
        "noise_weight": weight.noise_weight,
        "support": weight.support,
        "reach": weight.reach,
    }
