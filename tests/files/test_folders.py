"""Folders are walked and globs followed: everything once, sorted, and no further than allowed."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.files.folders import Entry, Rules, follow, is_stream, kind_at, walk

DEEP = Rules(recursive=True)


def _fill(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tree() -> None:
    _fill("in/b.png", "in/B.TIF", "in/a/z.jpg", "in/a/deep/y.png", "in/c/x.webp", "in/bare")
    _fill("in/.hidden.png", "in/.git/h.png", "in/a.tif", "in/s.zarr/0/0.png")


def _walk(folder: str, rules: Rules = DEEP) -> list[tuple[str, str]]:
    return [(e.relative, e.kind) for e in walk(Entry(folder, "", "folder"), rules)]


def _follow(pattern: str, rules: Rules = DEEP) -> list[tuple[str, str]]:
    return [(e.path, e.kind) for e in follow(pattern, rules)]


@pytest.mark.usefixtures("tree")
def test_a_folder_is_walked_in_the_order_of_names_and_entered_only_if_recursive() -> None:
    flat = ["B.TIF", "a", "a.tif", "b.png", "bare", "c", "s.zarr"]
    kinds = {"a": "folder", "c": "folder"}
    assert _walk("in", Rules()) == [(name, kinds.get(name, "file")) for name in flat]
    deep = ["B.TIF", "a/deep/y.png", "a/z.jpg", "a.tif", "b.png", "bare", "c/x.webp", "s.zarr"]
    assert _walk("in") == [(name, "file") for name in deep]
    assert [e.path for e in walk(Entry(".", "", "folder"), Rules())] == ["in"]
    assert [e.path for e in walk(Entry("in", "", "folder"), DEEP)] == [f"in/{n}" for n in deep]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("in/*.png", ["in/b.png"]),
        ("in/?.*", ["in/B.TIF", "in/a.tif", "in/b.png", "in/s.zarr"]),
        ("in/[!a].png", ["in/b.png"]),
        ("in/**/*.png", ["in/a/deep/y.png", "in/b.png"]),
        ("in/*/*.jpg", ["in/a/z.jpg"]),
        ("*/a/**/y.*", ["in/a/deep/y.png"]),
        ("in/**/deep/*", ["in/a/deep/y.png"]),
        ("in/a/**", ["in/a/deep", "in/a/deep/y.png", "in/a/z.jpg"]),
        ("in/*/../b.png", ["in/a/../b.png", "in/c/../b.png"]),
        ("in/.*.png", ["in/.hidden.png"]),
        ("in/.g*/*", ["in/.git/h.png"]),
        ("in/**/**/*.webp", ["in/c/x.webp"]),
        ("in/[ac]", ["in/a", "in/c"]),
        ("in/*.bmp", []),
        ("no/*", []),
        ("in/b.png/*", []),
        ("a\0*", []),
        ("a\0/*", []),
    ],
)
@pytest.mark.usefixtures("tree")
def test_a_glob_gives_what_matches_sorted(pattern: str, wanted: list[str]) -> None:
    assert [path for path, _ in _follow(pattern)] == wanted
    absolute = [f"{Path.cwd()}/{path}" for path in wanted]
    assert [path for path, _ in _follow(f"{Path.cwd()}/{pattern}")] == absolute


@pytest.mark.usefixtures("tree")
def test_relative_paths_begin_at_the_first_pattern_of_a_glob() -> None:
    wanted = {
        "in/**/*.png": ["a/deep/y.png", "b.png"],
        "*/a/**/*.png": ["in/a/deep/y.png"],
        "in/a/*/../z.jpg": ["deep/../z.jpg"],
    }
    for pattern, relative in wanted.items():
        for base in ("", "./", f"{Path.cwd()}/"):
            assert [entry.relative for entry in follow(base + pattern, DEEP)] == relative


_NAMES = st.sampled_from(["a", "b", ".c", "ab.png", "b.tif"])
_TREES = st.sets(st.lists(_NAMES, min_size=1, max_size=4).map(lambda p: "/".join([*p, "x.png"])))


@given(
    _TREES,
    st.lists(st.sampled_from(["a", "*", "**", "?", "[!a]*", ".*", "*.png", "a*"]), max_size=3),
)
def test_walks_and_globs_agree_with_those_of_python(files: set[str], parts: list[str]) -> None:
    pattern = "/".join([*parts, "*"])
    with TemporaryDirectory() as root:
        _fill(*(f"{root}/{file}" for file in files))
        paths = glob.iglob(pattern, root_dir=root, recursive=True)  # noqa: PTH207 -- not pathlib's
        assert {path for path, _ in _follow(f"{root}/{pattern}")} == {f"{root}/{p}" for p in paths}
        shown = [file for file in files if not file.startswith(".") and "/." not in file]
        assert [name for name, _ in _walk(root)] == sorted(shown, key=lambda name: name.split("/"))


@pytest.mark.usefixtures("tree")
def test_an_excluded_folder_is_told_and_not_entered_unless_it_is_the_top_or_written_out() -> None:
    for exclude, folder in (("a", "a"), ("a/deep", "a/deep"), ("[a]", "a"), ("d*", "a/deep")):
        rules = Rules(recursive=True, exclude=(exclude,))
        for found in (_walk("in", rules), _follow("in/**/*", rules)):
            names = [name.removeprefix("in/") for name, kind in found if kind == "excluded folder"]
            assert names == [folder]
            assert not any(f"{folder}/" in name for name, _ in found)
    rules = Rules(recursive=True, exclude=("in", "a"))
    assert ("z.jpg", "file") in _walk("in/a", rules)
    assert _follow("in/a/*.jpg", rules) == [("in/a/z.jpg", "file")]
    assert _follow("i*/a/*.jpg", rules) == [("in", "excluded folder")]


@pytest.mark.usefixtures("tree")
def test_a_folder_to_skip_is_as_if_it_were_not_there_however_it_is_spelled() -> None:
    Path("link").symlink_to("in/a")
    for spelled in ("in/a", "link", "in/../in/a", f"{Path.cwd()}/in/a"):
        rules = Rules(recursive=True, skip_folder=Path(spelled))
        assert _walk("in", rules) == [e for e in _walk("in") if not e[0].startswith("a/")]
        assert not any("/a" in path for path, kind in _follow("in/**/*", rules) if kind == "folder")
        assert _walk("in/a", rules) == _walk("in/a")
    for nothing in ("no", "in", "a\0b"):
        assert _walk("in", Rules(recursive=True, skip_folder=Path(nothing))) == _walk("in")


@pytest.mark.parametrize(
    ("include", "exclude", "taken"),
    [
        ((), (), ["a/b.png", "b.png", "B.PNG"]),
        (("*.png",), (), ["a/b.png", "b.png"]),
        (("a/*",), (), ["a/b.png"]),
        (("*.png", "*.PNG"), ("a/*",), ["b.png", "B.PNG"]),
        ((), ("b.*",), ["B.PNG"]),
        (("b.png",), ("b.png",), []),
    ],
)
def test_patterns_take_names_or_with_a_slash_paths(
    include: tuple[str, ...], exclude: tuple[str, ...], taken: list[str]
) -> None:
    rules = Rules(include=include, exclude=exclude)
    assert [name for name in ("a/b.png", "b.png", "B.PNG") if rules.takes(name)] == taken


def test_links_are_what_they_lead_to_and_linked_folders_are_entered_by_plain_patterns() -> None:
    _fill("in/a/x.png", "far/y.png", "far/d/w.tif")
    Path("in/loop").symlink_to(Path.cwd() / "in")
    Path("in/far").symlink_to(Path.cwd() / "far")
    Path("in/z.png").symlink_to(Path.cwd() / "far" / "y.png")
    Path("in/self.png").symlink_to("self.png")
    linked = "linked folder"
    files = [("self.png", "file"), ("z.png", "file")]
    assert _walk("in") == [("a/x.png", "file"), ("far", linked), ("loop", linked), *files]
    pngs = ["in/a/x.png", "in/self.png", "in/z.png"]
    assert [path for path, _ in _follow("in/**/*.png")] == pngs
    assert _follow("in/fa?/*") == [("in/far/d", "folder"), ("in/far/y.png", "file")]
    assert _follow("in/fa?/**/*.*") == [("in/far/d/w.tif", "file"), ("in/far/y.png", "file")]
    assert _follow("in/fa?") == [("in/far", linked)]


def test_a_folder_that_cannot_be_listed_is_told_once_and_one_that_is_gone_is_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _fill("in/a/x.png", "in/shut/y.png")
    scandir = os.scandir

    def shut(path: str) -> Any:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", shut)
    told = ("in/shut", "error", "in/shut: cannot list the folder: Permission denied")
    walked = list(walk(Entry("in", "", "folder"), DEEP))
    for found in (walked, follow("in/**/*.png", DEEP), follow("in/*/*", DEEP)):
        assert [(e.path, e.kind, e.error) for e in found if e.error] == [told]
        assert "in/a/x.png" in [e.path for e in found]
    assert _walk("no") == _walk("in/a/x.png") == _walk("a\0b") == []


def test_a_tree_deeper_than_the_stack_is_walked() -> None:
    deep = "/".join(["in", *"d" * 1200])
    path = Path.cwd()
    _fill("stays")
    for part in deep.split("/"):
        os.mkdir(part)  # noqa: PTH102 -- from step to step, for the whole path may be too long
        os.chdir(part)
    _fill("x.png")
    os.chdir(path)
    try:
        assert _walk("in") == [(f"{deep.removeprefix('in/')}/x.png", "file")]
        assert _follow("in/**/*.png") == [(f"{deep}/x.png", "file")]
    finally:  # no tool that enters folders by recursion can take it away
        Path(deep, "x.png").unlink()
        os.removedirs(deep)


@pytest.mark.usefixtures("tree")
def test_a_place_is_a_file_a_folder_something_else_or_nothing() -> None:
    os.mkfifo("pipe")
    Path("link").symlink_to("in")
    Path("S.ZARR").mkdir()
    kinds = {
        "in": "folder",
        "in/": "folder",
        "link": "folder",
        "in/b.png": "file",
        "in/s.zarr": "file",
        "S.ZARR": "file",
        "pipe": "other",
        os.devnull: "other",
        "no": None,
        "a\0b": None,
        "x" * 5000: None,
    }
    assert {path: kind_at(path) for path in kinds} == kinds
    assert [path for path in kinds if is_stream(path)] == ["pipe", os.devnull]
    Path("also").symlink_to("pipe")
    assert is_stream("also")
    assert ("pipe", "other") in _walk(".")
    assert ("also", "other") in _walk(".")
