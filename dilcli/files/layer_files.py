"""Layer files: descriptions of networks in .json, .toml and .rf, and whatever is piped in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from dilcli.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EXTENSIONS", "Described", "read_layer_bytes", "read_layers"]

#: Data of a .json or .toml file, or layer text.
Described: TypeAlias = dict[str, Any] | list[Any] | str

#: What a layer file's name may end in. The first two are data, the others layer text.
EXTENSIONS = (".json", ".toml", ".rf")
_SNIFFED = ("", ".txt")

#: The longest description of a network is far shorter.
_MAX_BYTES = 16 * 2**20

# No JSON has such a line: a header in double quotes would be a list in it.
_TOML = re.compile(
    r"""^[ \t]*(?:\[\[?[ \t]*(?:layers|'layers')[ \t]*\]|(?:layers|'layers'|"layers")[ \t]*=)""",
    re.MULTILINE,
)


def read_layers(path: Path) -> Described:
    """Read a layer file.

    Parameters
    ----------
    path : Path
        ``.json`` and ``.toml`` hold data, ``.rf`` layer text; a ``.txt`` and a file without an
        extension are looked into.

    Returns
    -------
    dict, list or str
        Data as it stands in the file, or layer text.

    Raises
    ------
    LayerError
        If the file is missing or of another kind. One line that names the file.
    """
    extension = path.suffix.lower()
    if extension not in (*EXTENSIONS, *_SNIFFED):
        known = ", ".join((*EXTENSIONS, ".onnx"))
        raise LayerError(f"layer file {path} ends in {path.suffix!r}; known are {known}")
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LayerError(f"layer file {path}: {reason}") from error
    return _read(data, f"layer file {path}", extension)


def read_layer_bytes(data: bytes, name: str) -> Described:
    """Read a description of unknown form.

    Parameters
    ----------
    data : bytes
        TOML if a line begins its ``layers``, else JSON if it begins with ``{`` or ``[``, else
        layer text.
    name : str
        What messages call it.

    Returns
    -------
    dict, list or str
        Data, or layer text.

    Raises
    ------
    LayerError
        If it is neither. One line that begins with the name.
    """
    return _read(data, name, "")


def _read(data: bytes, name: str, extension: str) -> Described:
    if len(data) > _MAX_BYTES:
        _refuse(name, f"has more than {_MAX_BYTES} bytes, too many for layers")
    text = _decoded(data, name)
    if extension in _SNIFFED:
        if _TOML.search(text):
            extension = ".toml"
        elif text.lstrip().startswith(("{", "[")):
            extension = ".json"
    if extension == ".json":
        return _read_json(text, name)
    return _read_toml(text, name) if extension == ".toml" else text


def _decoded(data: bytes, name: str) -> str:
    """Decode text as editors and shells write it, with one kind of line ends."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        _refuse(name, "is not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_json(text: str, name: str) -> Described:
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        _refuse(name, f"is not JSON ({error})")
    if not isinstance(value, dict | list):
        _refuse(name, 'holds no layers; wanted {"layers": [...]} or a list')
    return value


def _read_toml(text: str, name: str) -> Described:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        _refuse(name, f"is not TOML ({error})")


def _refuse(name: str, wrong: str) -> NoReturn:
    raise LayerError(f"{name}: {wrong}") from None
