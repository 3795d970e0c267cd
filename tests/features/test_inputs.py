"""Words become sources: each file once, in order, and what is not taken is counted."""

from __future__ import annotations

import io
import os
import pickle
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dilcli.errors import ArgumentError
from dilcli.features.inputs import Found, find_inputs, names_in_list

if TYPE_CHECKING:
    from collections.abc import Sequence


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "png")
    return buffer.getvalue()


def _fill(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(_png())


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tree() -> None:
    """Fill a folder with pictures, what is none, what is hidden, and folders of the same."""
    _fill("in/b.png", "in/B.TIF", "in/a/z.jpg", "in/a/deep/y.png", "in/c/x.webp", "in/bare")
    _fill("in/.hidden.png", "in/.git/h.png", "in/a.tif", "in/s.zarr/0/0.png")
    Path("in/notes.txt").write_text("no picture")
    Path("in/README").write_text("no picture either")


def _names(found: Found) -> list[str]:
    assert [source.error for source in found.sources if source.error] == []
    return [source.name for source in found.sources]


def _find(*words: str, **rules: Any) -> list[str]:
    return _names(find_inputs(words, **rules))


def _counts(found: Found) -> tuple[int, int, int]:
    return found.passed_over, found.excluded, found.not_entered


@pytest.mark.usefixtures("tree")
def test_a_folder_stands_for_its_pictures_sorted_and_counts_the_rest() -> None:
    found = find_inputs(["in"])
    wanted = ["in/B.TIF", "in/a.tif", "in/b.png", "in/bare", "in/s.zarr"]
    assert _names(found) == wanted
    assert _counts(found) == (2, 0, 2)
    assert {source.found for source in found.sources} == {True}
    assert _find("in/") == wanted
    assert _find("./in//") == wanted


@pytest.mark.usefixtures("tree")
def test_recursion_goes_depth_first_in_the_order_of_names() -> None:
    found = find_inputs(["in"], recursive=True)
    parts = [Path(name).parts for name in _names(found)]
    assert parts == sorted(parts)
    assert [source.subfolder for source in found.sources] == [
        "",
        "a/deep",
        "a",
        "",
        "",
        "",
        "c",
        "",
    ]
    assert _counts(found) == (2, 0, 0)


@pytest.mark.usefixtures("tree")
def test_each_picture_of_a_tree_stands_in_the_subfolder_that_it_was_found_in() -> None:
    for words in (["in"], ["in/**/*"], [f"{Path.cwd()}/in"], [f"{Path.cwd()}/i*/**/*.png", "in"]):
        for source in find_inputs(words, recursive=True).sources:
            base = Path.cwd() if "i*" in words[0] and not source.found else Path.cwd() / "in"
            if source.name.endswith(("bare", "README", ".txt")):
                continue
            assert base / source.subfolder / Path(source.name).name == Path(source.name).absolute()


@pytest.mark.usefixtures("tree")
def test_the_current_folder_gives_bare_names() -> None:
    os.chdir("in/a")
    assert _find(".") == ["z.jpg"]
    assert _find(".", recursive=True) == ["deep/y.png", "z.jpg"]
    assert _find("*.jpg", "./*.jpg") == ["z.jpg"]


@pytest.mark.usefixtures("tree")
def test_a_file_that_is_named_is_never_passed_over() -> None:
    words = ["in/notes.txt", "in/.hidden.png", "missing.xyz", "in/s.zarr"]
    found = find_inputs(words)
    assert _names(found) == words
    assert _counts(found) == (0, 0, 0)
    assert {(source.found, source.subfolder) for source in found.sources} == {(False, "")}
    assert _find("in/*.txt", "in/R*") == ["in/notes.txt", "in/README"]


def test_a_file_of_this_name_comes_before_what_the_name_could_mean() -> None:
    _fill("[ab].png", "a.png", "*.png", "@list.png", "folder[1]/x.png")
    Path("@list.png").write_bytes(b"a.png")
    words = ["[ab].png", "*.png", "@list.png"]
    assert _find(*words) == words
    assert _find("folder[1]") == ["folder[1]/x.png"]
    assert _find("[a]*.png") == ["a.png"]


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("in/*.png", ["in/b.png"]),
        ("in/?.*", ["in/B.TIF", "in/a.tif", "in/b.png", "in/s.zarr"]),
        ("in/a/**", ["in/a/deep/y.png", "in/a/z.jpg"]),
        ("in/*/../b.png", ["in/a/../b.png"]),
    ],
)
@pytest.mark.usefixtures("tree")
def test_a_glob_stands_for_the_files_that_match_sorted_and_each_once(
    word: str, wanted: list[str]
) -> None:
    found = find_inputs([word])
    assert _names(found) == wanted
    assert _counts(found) == (0, 0, 0)
    assert not any(source.found for source in found.sources)


@pytest.mark.usefixtures("tree")
def test_a_glob_names_subfolders_from_its_first_pattern_on_and_never_above() -> None:
    subfolders = {
        "in/**/*.png": ["a/deep", ""],
        "*/a/**/*.png": ["in/a/deep"],
        "in/.g*/*": [".git"],
        "in/*/../b.png": [""],
        "in/a/*/../../b.png": [""],
    }
    for word, wanted in subfolders.items():
        assert [source.subfolder for source in find_inputs([word]).sources] == wanted


@pytest.mark.usefixtures("tree")
def test_a_glob_that_matches_folders_alone_stands_for_them() -> None:
    found = find_inputs(["in/[ac]"])
    assert _names(found) == ["in/a/z.jpg", "in/c/x.webp"]
    assert [source.subfolder for source in found.sources] == ["a", "c"]
    assert found.not_entered == 1


@pytest.mark.parametrize("word", ["in/*.bmp", "no/*.tif", "in/b.png/*", "**/q?", "a\0*", "a\0/*"])
@pytest.mark.usefixtures("tree")
def test_a_glob_without_a_match_fails_alone(word: str) -> None:
    found = find_inputs([word, "in/b.png"])
    assert [source.error for source in found.sources] == [f"no file matches {word!r}", None]


def test_a_list_holds_names_of_files_and_folders_and_nothing_else() -> None:
    _fill("a b.png", "in/x.png", "-", "@c.png", "d*.png")
    Path("list.txt").write_bytes(b"a b.png\r\n\n  \nin\n-\n@c.png\nd*.png\nno[1]*\n@list.txt\nlast")
    wanted = ["a b.png", "in/x.png", "./-", "@c.png", "d*.png", "no[1]*", "@list.txt", "last"]
    assert _find("@list.txt") == wanted
    assert _find(names=names_in_list(Path("list.txt").read_bytes())) == wanted
    assert _find("in", names=["a b.png"]) == ["in/x.png", "a b.png"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("@no.txt", r"list of inputs @no\.txt: No such file or directory"),
        ("@", "list of inputs @: Is a directory"),
        ("@a\0b", "list of inputs @a\0b: embedded null byte"),
        (
            "@wide.txt",
            r"^list of inputs @wide\.txt: a line holds a NUL; --null reads names that end with one",
        ),
        ("", "the name of an input is empty"),
        ("-", "- stands for standard input, which is not at hand"),
    ],
)
def test_a_word_that_means_nothing_is_refused(word: str, message: str) -> None:
    Path("wide.txt").write_text("a.png\n", encoding="utf-16")
    with pytest.raises(ArgumentError, match=message):
        find_inputs([word])
    if not word:
        with pytest.raises(ArgumentError, match=message):
            find_inputs([], [word])


@given(st.lists(st.binary(min_size=1).filter(lambda name: b"\0" not in name)))
def test_a_list_gives_its_names_back_whatever_their_bytes(names: list[bytes]) -> None:
    read = names_in_list(b"".join(name + b"\0" for name in names), null=True)
    assert [os.fsencode(name) for name in read] == names
    assert names_in_list(b"\0".join(names), null=True) == read
    for ending in (b"\n", b"\r\n"):
        lines = [n for n in names if n.strip() and b"\n" not in n and n[-1:] != b"\r"]
        data = b"\xef\xbb\xbf" + ending.join(lines)
        assert [os.fsencode(name) for name in names_in_list(data)] == lines


def test_names_with_any_bytes_are_found_by_folder_glob_and_list() -> None:
    names = ["a b.png", "line\nbreak.png", "[x]*.png", "caf\udce9.png", "-.png"]
    _fill(*(f"in/{name}" for name in names))
    wanted = sorted(f"in/{name}" for name in names)
    assert _find("in") == wanted
    assert _find("in/*.png") == wanted
    data = b"\0".join(os.fsencode(name) for name in wanted)
    assert _find(names=names_in_list(data, null=True)) == wanted
    assert [source.name for source in find_inputs(wanted).sources] == wanted


def test_a_file_that_is_called_as_standard_input_is_a_file() -> None:
    _fill("-", "in/-")
    assert _find("-", standard_input=b"data") == ["-"]
    (source,) = find_inputs(["-"], standard_input=b"data").sources
    assert source.content == b"data"
    for found in (_find("."), _find("*"), _find(names=["-"]), _find("./-"), _find("[-]")):
        assert found == ["./-"]
    assert len(_find("-", "./-", "in", standard_input=b"")) == 3


@pytest.mark.usefixtures("tree")
def test_a_file_reached_twice_is_one_input_the_first() -> None:
    _fill("b.png")
    Path("link").symlink_to("in")
    Path("c.png").symlink_to("b.png")
    assert _find("b.png", "b.png", "./b.png", f"{Path.cwd()}/b.png", "c.png") == ["b.png"]
    assert _find("c.png", "b.png") == ["c.png"]
    assert _find("link/b.png", "in", names=["in/a.tif"])[0] == "link/b.png"
    assert len(_find("link/b.png", "in", "in/*.tif", "link")) == len(_find("in"))
    assert _find("-", "-", standard_input=b"") == ["-"]


@pytest.mark.usefixtures("tree")
def test_what_is_an_input_another_way_is_not_counted_as_left_out() -> None:
    assert find_inputs(["in/notes.txt", "in"]).passed_over == 1
    assert find_inputs(["in", "in/notes.txt", "in"]).passed_over == 1
    assert find_inputs(["in", "in/*.png"], exclude=["b.png"]).excluded == 1


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("include", "exclude", "wanted", "excluded"),
    [
        (["*.png"], [], ["a/deep/y.png", "b.png"], 7),
        (["*.png", "*.jpg"], ["y*"], ["a/z.jpg", "b.png"], 7),
        ([], ["*.*"], ["bare"], 7),
        (["a/*"], [], ["a/deep/y.png", "a/z.jpg"], 7),
        (["*.TIF"], [], ["B.TIF"], 8),
        ([], ["a", "c"], ["B.TIF", "a.tif", "b.png", "bare", "s.zarr"], 2),
        ([], ["a/deep/", "c/"], ["B.TIF", "a/z.jpg", "a.tif", "b.png", "bare", "s.zarr"], 2),
        ([], ["*.zarr", "deep", "?", "*.[tT][iI][fF]"], ["b.png", "bare"], 5),
    ],
)
def test_patterns_match_names_or_with_a_slash_paths_and_are_counted(
    include: list[str], exclude: list[str], wanted: list[str], excluded: int
) -> None:
    found = find_inputs(["in"], recursive=True, include=include, exclude=exclude)
    assert sorted(_names(found)) == sorted(f"in/{name}" for name in wanted)
    assert found.excluded == excluded
    by_glob = find_inputs(["in/**/*"], include=include, exclude=exclude)
    assert set(_names(by_glob)) - {"in/README", "in/notes.txt"} == set(_names(found))


def test_patterns_hold_for_names_that_the_shell_expanded_and_lists() -> None:
    _fill("in/a.png", "in/b.png")
    names = ["in/a.png", "in/b.png", "in/no.png"]
    for words, listed in ((names, []), ([], names)):
        found = find_inputs(words, listed, exclude=["a.*", "in/n*"])
        assert (_names(found), found.excluded) == (["in/b.png"], 2)


@pytest.mark.usefixtures("tree")
def test_a_glob_does_not_enter_folders_that_are_excluded() -> None:
    for word in ("in/*/*.*", "in/*/*/*", "in/**/*.webp", "in/[a]"):
        found = find_inputs([word], exclude=["a"])
        assert found.excluded == 1
        assert not any("in/a/" in source.name for source in found.sources)


@pytest.mark.usefixtures("tree")
def test_a_folder_that_is_named_is_not_pruned() -> None:
    assert _find("in/a", exclude=["in", "a"]) == ["in/a/z.jpg"]
    assert _find("in/a/*", exclude=["in", "a"]) == ["in/a/z.jpg"]


@pytest.mark.usefixtures("tree")
def test_the_output_folder_is_not_walked_unless_it_is_named() -> None:
    out = Path("in/a")
    for word in ("in", "in/**/*"):
        found = find_inputs([word], recursive=True, skip_folder=out)
        assert found.sources
        assert not any("in/a/" in name for name in _names(found))
        assert _counts(found)[1:] == (0, 0)
    assert find_inputs(["in"], skip_folder=out).not_entered == 1
    assert _find("in/a", "in/a/*", skip_folder=out) == ["in/a/z.jpg"]
    assert _find("in", skip_folder=Path("no")) == _find("in")
    assert _find("in", skip_folder=Path("in")) == _find("in")
    Path("link").symlink_to("in/a")
    assert not any("in/a/" in n for n in _find("in", recursive=True, skip_folder=Path("link")))


def test_links_to_folders_are_not_followed_and_links_to_files_are() -> None:
    _fill("in/a/x.png", "far/y.png", "far/d/w.tif")
    Path("in/loop").symlink_to(Path.cwd() / "in")
    Path("in/a/up").symlink_to("..")
    Path("in/far").symlink_to(Path.cwd() / "far")
    Path("in/z.png").symlink_to(Path.cwd() / "far" / "y.png")
    Path("in/self.png").symlink_to("self.png")
    Path("in/self").symlink_to("self")
    found = find_inputs(["in"], recursive=True)
    assert _names(found) == ["in/a/x.png", "in/self.png", "in/z.png"]
    assert found.passed_over == 3  # loop and up are one
    assert _find("in/**/*.png") == ["in/a/x.png", "in/self.png", "in/z.png"]
    assert _find("in/far/*") == _find("in/fa?/*") == ["in/far/y.png"]
    assert _find("in/fa?/**/*") == ["in/far/d/w.tif", "in/far/y.png"]
    assert _find("in/far") == ["in/far/y.png"]


@pytest.mark.parametrize("words", [["in"], ["in/**/*.png"], ["in/*.png", "in/*/*.png"]])
def test_a_folder_that_cannot_be_listed_fails_alone(
    words: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill("in/a/x.png", "in/shut/y.png", "in/z.png")
    scandir = os.scandir

    def shut(path: str) -> Any:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", shut)
    found = find_inputs(words, recursive=True)
    message = "in/shut: cannot list the folder: Permission denied"
    wanted = [("in/a/x.png", None), ("in/shut", message), ("in/z.png", None)]
    assert sorted((source.name, source.error) for source in found.sources) == wanted
    for word in ("in/shut", "in/*/*/x.png", "in/**/no/x.png"):
        assert [source.error for source in find_inputs([word]).sources] == [message]


def test_a_pipe_is_read_once_where_it_is_named_and_passed_over_in_a_folder() -> None:
    Path("in").mkdir()
    os.mkfifo("in/pipe.png")
    found = find_inputs(["in"])
    assert (found.sources, found.passed_over) == ((), 1)
    writer = threading.Thread(target=Path("in/pipe.png").write_bytes, args=(b"data",))
    writer.start()
    (source,) = find_inputs(["in/pipe.png", "in/*.png"]).sources
    writer.join()
    assert source.content == b"data"


@pytest.mark.usefixtures("tree")
def test_what_is_found_can_be_sent_to_another_process() -> None:
    found = find_inputs(["in", "no*"])
    assert pickle.loads(pickle.dumps(found)) == found
