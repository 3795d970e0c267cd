"""The file of a sheet that shows all planes of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dilcli import files
from dilcli.features.existing import make_folder
from dilcli.features.starlet_montage import draw_montage
from dilcli.features.starlet_refusals import lies_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.features.starlet_part import Part
    from dilcli.features.starlet_shown import ShownPlane

__all__ = ["write_sheet"]


def write_sheet(part: Part, shown: Sequence[ShownPlane]) -> None:
    """Draw the planes of the first frame of a part on one sheet, and write it.

    Raises
    ------
    ImageFileError
        If it cannot be written.
    """
    path, folder, transform = part.naming.montage, part.naming.folder, part.transform
    assert path is not None
    rows = part.picture.frames[part.places[0]]
    fact = f"{transform.kernel.name}, generation {transform.generation}, {transform.boundary}"
    fact += ", luma" if len(rows.shape) == 3 and rows.shape[2] > 2 else ""
    sheet = draw_montage(shown, rows.dtype, title=Path(part.name).name, facts=[fact])
    format_ = files.format_for(path.name)
    made = files.Picture((sheet,), alpha=False, format=format_)
    make_folder(folder if lies_in(folder, path) else None, path)
    data = files.encode(made, format_)
    files.write(path, data, overwrite=part.naming.overwrite, tag=part.naming.tag)
