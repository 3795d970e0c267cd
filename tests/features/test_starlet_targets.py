"""Where planes go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.starlet_targets import Naming, make_folder, plan_targets, refuse_outputs
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


def test_outputs_that_exist_or_have_no_folder_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    refuse_outputs([path], [], overwrite=False)
    path.touch()
    refuse_outputs([path], [], overwrite=True)
    with pytest.raises(ImageFileError, match="output exists"):
        refuse_outputs([path], [], overwrite=False)
    with pytest.raises(ImageFileError, match="is a folder"):
        refuse_outputs([tmp_path], [], overwrite=True)
    with pytest.raises(ImageFileError, match="does not exist"):
        refuse_outputs([tmp_path / "no" / "a"], [], overwrite=False)
    refuse_outputs([tmp_path / "no" / "a"], [], overwrite=False, makes_folder=True)
    with pytest.raises(ImageFileError, match="too long"):
        refuse_outputs([tmp_path / ("a" * 300)], [], overwrite=False)


def test_a_folder_is_made_if_one_was_asked_for(tmp_path: Path) -> None:
    make_folder(None, tmp_path / "no" / "a")
    assert not (tmp_path / "no").exists()
    make_folder(tmp_path, tmp_path / "deep" / "er" / "a")
    assert (tmp_path / "deep" / "er").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(ImageFileError, match="cannot make the folder"):
        make_folder(tmp_path, tmp_path / "file" / "a")
