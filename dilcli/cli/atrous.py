"""``dilcli atrous``: the à trous wavelet transform, one command for each thing done with it."""

from __future__ import annotations

import click

from dilcli.cli import LazyGroup

__all__ = ["ATROUS_COMMANDS", "atrous"]

#: Every command of the group and what it is for; each is loaded when it is called.
ATROUS_COMMANDS = {
    "decompose": "Write the planes of pictures as files.",
    "denoise": "Remove noise from pictures by thresholds on their details.",
    "enhance": "Sharpen pictures by scale, or take their background away.",
    "info": "Show support, reach and noise weight of each level.",
    "recompose": "Put a picture together from its planes.",
}


@click.group(cls=LazyGroup, table=ATROUS_COMMANDS, prefix="dilcli.cli.atrous_")
def atrous() -> None:
    """Take pictures apart by scale, and put them together again.

    The à trous wavelet transform (starlet): level 1 holds the finest details, each further level
    those twice as large, the residual what is left. Generation 1 planes sum to the picture.
    """
