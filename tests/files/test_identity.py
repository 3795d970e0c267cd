"""One file has one identity, however it is spelled."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dilcli.files.identity import identities
from dilcli.files.names import check_outputs

if TYPE_CHECKING:
    import pytest


def test_other_spellings_of_one_path_have_one_identity(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "x.png").symlink_to("y.png")
    identity = identities()
    pairs = [("real/a.png", "link/a.png"), ("real/a.png", "real/../link/a.png"),
             ("real/x.png", "link/y.png"), ("real", "link")]  # fmt: skip
    for first, second in pairs:
        assert identity(tmp_path / first) == identity(tmp_path / second)
    different = [identity(tmp_path / name) for name in ("a.png", "real/a.png", "real/y.png")]
    assert len(set(different)) == 3


def test_relative_and_absolute_spellings_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    identity = identities()
    assert identity(Path("a.png")) == identity(tmp_path / "a.png") == identity(Path("./a.png"))


def test_case_separates_names_only_where_the_disk_does(tmp_path: Path) -> None:
    folder = tmp_path / "Photos"
    folder.mkdir()
    names = [folder / name for name in ("é.png", "É.png", unicodedata.normalize("NFD", "é.png"))]
    assert len(set(map(identities(), names))) == 3
    # A second name for the folder, in the other case, is what a disk without case looks like.
    (tmp_path / "pHOTOS").symlink_to("Photos")
    assert len(set(map(identities(), names))) == 1
    assert identities()(folder / "new" / "A.png") == identities()(folder / "NEW" / "a.png")


def test_a_loop_of_links_is_a_name_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    identity = identities()
    for name in ("loop", "loop/a.png"):
        assert identity(tmp_path / name) == str(tmp_path / name)


def test_a_name_that_the_disk_refuses_has_an_identity() -> None:
    identity = identities()
    for name in ("x" * 5000, "a\0b", "x" * 300 + "/y", "loop\0/a"):
        assert identity(Path(name)) == str(Path.cwd() / name)
    assert identity(Path("a/..")) == identity(Path()) == str(Path.cwd())


def test_many_files_cost_few_looks_at_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, resolved = Path.resolve, []

    def count(path: Path, strict: bool = False) -> Path:
        resolved.append(path)
        return resolve(path, strict)

    monkeypatch.setattr(Path, "resolve", count)
    sources = [f"{tmp_path}/{i}.png" for i in range(50)]
    check_outputs([(s, tmp_path / "out" / Path(s).name) for s in sources], sources)
    assert resolved == [tmp_path, tmp_path / "out"]


@given(st.lists(st.sampled_from(["a", "b", "..", ".", "A"]), max_size=5).map("/".join))
def test_an_identity_is_the_resolved_path_where_case_counts(name: str) -> None:
    # Nothing of this exists, so the nearest folder that does is asked for its case.
    path = Path.cwd() / "nowhere" / name
    assert identities()(path) == str(path.resolve())
