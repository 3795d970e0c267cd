"""The only door to the disk: picture files, kernel files, output names.

Everything is loaded when it is first used, for a table of formats needs no array.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dilcli.files.checking import check
    from dilcli.files.completeness import is_whole
    from dilcli.files.encoding import encode
    from dilcli.files.formats import FORMATS, Format, extension_for, format_for
    from dilcli.files.identity import identities
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
    from dilcli.files.rows import FrameRows, RowPicture, StripFrame, open_rows, write_strips
    from dilcli.files.writing import holds, is_plain, remove_temporary, write

__all__ = [
    "DEFAULT_TEMPLATE",
    "FIELDS",
    "FORMATS",
    "MAX_PIXELS",
    "STDIN",
    "Format",
    "FrameRows",
    "Header",
    "Metadata",
    "Picture",
    "RowPicture",
    "StripFrame",
    "check",
    "check_outputs",
    "dilation_text",
    "encode",
    "expand",
    "extension_for",
    "format_for",
    "holds",
    "identities",
    "inspect",
    "is_plain",
    "is_whole",
    "open_rows",
    "output_path",
    "read",
    "read_weights",
    "remove_temporary",
    "source_fields",
    "write",
    "write_strips",
]

_HOMES = {
    "DEFAULT_TEMPLATE": "names",
    "FIELDS": "names",
    "FORMATS": "formats",
    "MAX_PIXELS": "reading",
    "STDIN": "names",
    "Format": "formats",
    "FrameRows": "rows",
    "Header": "records",
    "Metadata": "records",
    "Picture": "records",
    "RowPicture": "rows",
    "StripFrame": "rows",
    "check": "checking",
    "check_outputs": "names",
    "dilation_text": "names",
    "encode": "encoding",
    "expand": "names",
    "extension_for": "formats",
    "format_for": "formats",
    "identities": "identity",
    "holds": "writing",
    "inspect": "reading",
    "is_plain": "writing",
    "is_whole": "completeness",
    "open_rows": "rows",
    "output_path": "names",
    "read": "reading",
    "read_weights": "kernel_files",
    "remove_temporary": "writing",
    "source_fields": "names",
    "write": "writing",
    "write_strips": "rows",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
