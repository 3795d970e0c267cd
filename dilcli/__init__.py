"""Dilated (à trous) filtering of image files and arrays.

Everything is loaded when it is first used: ``import dilcli`` alone imports no array library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dilcli.core.correlate import correlate
    from dilcli.core.denoise import denoise
    from dilcli.core.kernels import Kernel
    from dilcli.core.starlet import inverse_starlet, starlet
    from dilcli.errors import (
        ArgumentError,
        DilcliError,
        ImageFileError,
        KernelError,
        LayerError,
    )
    from dilcli.features.kernel_spec import load_kernel as parse_kernel
    from dilcli.features.one_file import apply_file
    from dilcli.features.receptive_fields import receptive_field

__all__ = [
    "ArgumentError",
    "DilcliError",
    "ImageFileError",
    "Kernel",
    "KernelError",
    "LayerError",
    "__version__",
    "apply_file",
    "correlate",
    "denoise",
    "inverse_starlet",
    "parse_kernel",
    "receptive_field",
    "starlet",
]

__version__ = "0.1.0"

_HOMES = {
    "ArgumentError": ("errors", "ArgumentError"),
    "DilcliError": ("errors", "DilcliError"),
    "ImageFileError": ("errors", "ImageFileError"),
    "Kernel": ("core.kernels", "Kernel"),
    "KernelError": ("errors", "KernelError"),
    "LayerError": ("errors", "LayerError"),
    "apply_file": ("features.one_file", "apply_file"),
    "correlate": ("core.correlate", "correlate"),
    "denoise": ("core.denoise", "denoise"),
    "inverse_starlet": ("core.starlet", "inverse_starlet"),
    "parse_kernel": ("features.kernel_spec", "load_kernel"),
    "receptive_field": ("features.receptive_fields", "receptive_field"),
    "starlet": ("core.starlet", "starlet"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(importlib.import_module(f"{__name__}.{module}"), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
