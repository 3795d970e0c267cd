"""The networks that have a name: ``dilcli rf --preset``.

Convolutions and pools are written with the padding of the source; layers that see one pixel at a
time (normalisation, activation, dropout) are left out. Segmentation networks end at their class
scores, before these are enlarged to the picture's size.
"""

from __future__ import annotations

from difflib import get_close_matches

from dilcli.core.receptive.preset import Preset
from dilcli.core.receptive.preset_decoders import DECODERS
from dilcli.core.receptive.preset_deeplabs import DEEPLABS
from dilcli.core.receptive.preset_dilated import DILATED
from dilcli.core.receptive.preset_inceptions import INCEPTIONS
from dilcli.core.receptive.preset_resnets import RESNETS
from dilcli.core.receptive.preset_stacks import STACKS
from dilcli.errors import LayerError

__all__ = ["Preset", "preset", "presets"]


def presets() -> tuple[Preset, ...]:
    """List the presets in the order of the documentation."""
    return (*STACKS, *RESNETS, *INCEPTIONS, *DILATED, *DEEPLABS, *DECODERS)


def preset(name: str) -> Preset:
    """Find a preset by its name or an alias.

    Parameters
    ----------
    name : str
        Capitals, dashes, dots, underscores and blanks mean nothing; ``+`` is ``plus``.

    Raises
    ------
    LayerError
        If there is none; the message has the nearest name.

    Examples
    --------
    >>> preset("DeepLab v3+").name
    'deeplab-v3plus'
    """
    found = {_key(word): entry for entry in presets() for word in (entry.name, *entry.aliases)}
    if (key := _key(name)) in found:
        return found[key]
    near = get_close_matches(key, found, n=1)
    hint = f"; did you mean {_spelling(found[near[0]], near[0])!r}?" if near else ""
    raise LayerError(f"unknown preset {name!r}{hint} (--list-presets shows all)")


def _key(name: str) -> str:
    return "".join(c for c in name.lower().replace("+", "plus") if c.isalnum())


def _spelling(entry: Preset, key: str) -> str:
    return next(word for word in (entry.name, *entry.aliases) if _key(word) == key)
