"""The only door to the disk: picture files, kernel files, output names.

Everything is loaded when it is first used, for a table of formats needs no array.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dilcli.files.checking import check
    from dilcli.files.encoding import encode
    from dilcli.files.formats import FORMATS, Format, extension_for, format_for
    from dilcli.files.kernel_files import read_weights
    from dilcli.files.names import (
        DEFAULT_TEMPLATE,
        FIELDS,
        STDIN,
        check_outputs,
        dilation_text,
        expand,
        output_path,
        source_fields,
    )
    from dilcli.files.reading import MAX_PIXELS, inspect, read
    from dilcli.files.records import Header, Metadata, Picture
    from dilcli.files.writing import write

__all__ = [
    "DEFAULT_TEMPLATE",
    "FIELDS",
    "FORMATS",
    "MAX_PIXELS",
    "STDIN",
    "Format",
    "Header",
    "Metadata",
    "Picture",
    "check",
    "check_outputs",
    "dilation_text",
    "encode",
    "expand",
    "extension_for",
    "format_for",
    "inspect",
    "output_path",
    "read",
    "read_weights",
    "source_fields",
    "write",
]

_HOMES = {
    "DEFAULT_TEMPLATE": "names",
    "FIELDS": "names",
    "FORMATS": "formats",
    "MAX_PIXELS": "reading",
    "STDIN": "names",
    "Format": "formats",
    "Header": "records",
    "Metadata": "records",
    "Picture": "records",
    "check": "checking",
    "check_outputs": "names",
    "dilation_text": "names",
    "encode": "encoding",
    "expand": "names",
    "extension_for": "formats",
    "format_for": "formats",
    "inspect": "reading",
    "output_path": "names",
    "read": "reading",
    "read_weights": "kernel_files",
    "source_fields": "names",
    "write": "writing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
