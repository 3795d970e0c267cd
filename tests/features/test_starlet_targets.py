"""Where planes go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.starlet_targets import Naming, plan_parts, plan_targets
from dilcli.files import Header

if TYPE_CHECKING:
    from pathlib import Path


def _header(*, alpha: bool = False) -> Header:
    shape = (4, 5, 4) if alpha else (4, 5)
    return Header("png", shape, "uint8", alpha=alpha, frames=1, pixels=(20,))


def test_planes_stand_beside_the_input(tmp_path: Path) -> None:
    found = plan_targets(f"{tmp_path}/{{a}}.png", _header(alpha=True), 1, Naming())
    assert [path.name for path in found.planes] == ["{a}_w1.tif", "{a}_c1.tif"]
    assert {path.parent for path in found.planes} == {tmp_path}
    assert found.alpha == tmp_path / "{a}_alpha.tif"
    assert found.sidecar == tmp_path / "{a}_c1.tif.json"
    assert (found.format, found.samples) == ("tiff", "float32")


@pytest.mark.parametrize(
    ("template", "planes", "samples"),
    [
        ("{plane}.npy", None, "float64"),
        ("{plane}.npy", "float32", "float32"),
        ("{plane}.png", None, "uint16"),
        ("{plane}.tif", "uint16", "uint16"),
        (None, "npy", "float64"),
    ],
)
def test_samples_follow_the_option_or_the_extension(
    template: str | None, planes: str | None, samples: str
) -> None:
    found = plan_targets("-", _header(), 2, Naming(template, planes=planes))
    assert found.samples == samples
    assert found.planes[0].suffix == (".npy" if template is None else template[-4:])


def test_a_stack_is_one_file_and_alpha_another(tmp_path: Path) -> None:
    found = plan_targets("a.png", _header(alpha=True), 3, Naming(folder=tmp_path, stack=True))
    assert found.planes == (tmp_path / "a_planes.tif",)
    assert found.alpha == tmp_path / "a_planes_alpha.tif"


def test_names_that_collide_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"put \{plane\} into -o"):
        plan_targets("a.png", _header(), 3, Naming("{stem}.tif"))


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "w1.tif"
    path.touch()
    with pytest.raises(ArgumentError, match="is an input"):
        plan_targets(str(path), _header(), 1, Naming(f"{tmp_path}/{{plane}}.tif", overwrite=True))


def test_frames_have_files_of_their_own_by_the_template_alone(tmp_path: Path) -> None:
    (one,) = plan_parts("a.gif", _header(), 1, Naming(folder=tmp_path), (0, 2))
    assert [path.name for path in one.planes] == ["a_w1.tif", "a_c1.tif"]
    naming = Naming("{frame:02d}/{plane}.npy", tmp_path)
    found = plan_parts("a.gif", _header(alpha=True), 1, naming, (0, 2), subfolder="sub")
    folders = [tmp_path / "sub" / "00", tmp_path / "sub" / "02"]
    assert [part.planes for part in found] == [(f / "w1.npy", f / "c1.npy") for f in folders]
    assert [part.alpha for part in found] == [folder / "alpha.npy" for folder in folders]
    with pytest.raises(ArgumentError, match="planes of two frames would both be"):
        plan_parts("a.gif", _header(), 1, Naming("{frame:.0e}{plane}.npy", tmp_path), (10, 11))


@pytest.mark.parametrize("template", ["{plane}.npy", "{plane}.png"])
def test_several_frames_in_one_file_are_pages_of_a_tiff(template: str) -> None:
    with pytest.raises(ImageFileError, match=r"--frames 0 .* or \{frame\}"):
        plan_parts("a.gif", _header(), 1, Naming(template), (0, 1))
    assert plan_parts("a.gif", _header(), 1, Naming(template), (1,))


def test_a_montage_in_the_output_folder_needs_no_folder_before(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    naming = Naming(folder=folder, montage=folder / "deep" / "sheet.png")
    plan_targets("a.png", _header(), 1, naming)
    with pytest.raises(ImageFileError, match="does not exist"):
        plan_targets("a.png", _header(), 1, naming._replace(montage=tmp_path / "no" / "s.png"))
