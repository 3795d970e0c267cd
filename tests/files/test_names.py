"""Output names and the collisions that are refused before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from dilcli.errors import ArgumentError
from dilcli.files.names import (
    DEFAULT_TEMPLATE,
    FIELDS,
    check_outputs,
    dilation_text,
    expand,
    output_path,
    source_fields,
)


def fields(source: str = "shots/photo.jpg", **more: str | int) -> dict[str, str | int]:
    return {**source_fields(source, 3), "kernel": "sobel-y", "dilation": "2", **more}


def test_the_default_name_stands_beside_the_input() -> None:
    path = output_path("shots/photo.jpg", fields())
    assert path == Path("shots/photo_sobel-y_d2.jpg")


def test_standard_input_is_called_stdin_and_lands_in_the_current_folder() -> None:
    mine = {**source_fields("-", 0, ".png"), "kernel": "box", "dilation": "1"}
    assert output_path("-", mine) == Path("stdin_box_d1.png")
    assert mine["name"] == "stdin.png"


def test_a_template_is_relative_to_the_current_folder_or_to_the_output_folder() -> None:
    assert output_path("a/b.png", fields("a/b.png"), "{stem}.tif") == Path("b.tif")
    assert output_path("a/b.png", fields("a/b.png"), "x/{name}", Path("out")) == Path("out/x/b.png")
    assert output_path("a/b.png", fields("a/b.png"), None, Path("out")) == Path(
        "out/b_sobel-y_d2.png"
    )


def test_every_field_can_be_used_and_formatted() -> None:
    everything = fields(frame=7, plane="w1")
    assert set(everything) == set(FIELDS)
    for name in FIELDS:
        assert expand(f"<{{{name}}}>", everything) == f"<{everything[name]}>"
    assert expand("{{{frame:03d}}}{index}{parent}", everything) == "{007}3shots"


@pytest.mark.parametrize(
    ("dilations", "text"),
    [([(2, 2)], "2"), ([(2, 3)], "2x3"), ([(1, 1), (2, 2), (4, 3)], "1-2-4x3")],
)
def test_dilations_are_written_as_names_hold_them(
    dilations: list[tuple[int, int]], text: str
) -> None:
    assert dilation_text(dilations) == text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{stm}", r"unknown field \{stm\}; did you mean \{stem\}\? \(known: \{stem\}"),
        ("{}", r"unknown field \{\}"),
        ("{0}", r"unknown field \{0\}"),
        ("{stem.upper}", r"unknown field \{stem.upper\}"),
        ("{stem[0]}", r"unknown field \{stem\[0\]\}"),
        ("{stem!r}", r"unknown field \{stem!r\}"),
        ("{stem", "output template '{stem'"),
        ("a}", "output template 'a}'"),
        ("{stem:d}", "Unknown format code 'd'"),
        ("{plane}", r"\{plane\} has no value here"),
    ],
)
def test_mistakes_in_templates_are_named(template: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        expand(template, fields())


def test_a_folder_is_no_output(tmp_path: Path) -> None:
    for template in (str(tmp_path), "results/", f"{tmp_path}/.", f"{tmp_path}/.."):
        with pytest.raises(ArgumentError, match=r"is a folder; name a file, or use --output-dir"):
            output_path("a.png", fields("a.png"), template)


@pytest.mark.parametrize("template", ["", "a\0b"])
def test_what_is_no_name_is_refused(template: str) -> None:
    with pytest.raises(ArgumentError, match="not a file name"):
        output_path("a.png", fields("a.png"), template)


def test_a_template_and_a_folder_that_contradict_are_refused() -> None:
    with pytest.raises(ArgumentError, match="is absolute"):
        output_path("a.png", fields("a.png"), "/tmp/x.png", Path("out"))
    with pytest.raises(ArgumentError, match="standard output"):
        output_path("a.png", fields("a.png"), "-", Path("out"))


def test_a_name_too_long_for_the_disk_is_left_to_the_writer() -> None:
    assert output_path("a.png", fields("a.png"), "x" * 5000).name == "x" * 5000


def test_two_inputs_of_one_name_collide_in_one_folder() -> None:
    sources = ["a.png", "b/a.png"]
    results = [(s, output_path(s, fields(s), DEFAULT_TEMPLATE, Path("out"))) for s in sources]
    message = r"a\.png and b/a\.png would both write out/a_sobel-y_d2\.png"
    with pytest.raises(ArgumentError, match=message):
        check_outputs(results, sources)
    check_outputs([(s, output_path(s, fields(s))) for s in sources], sources)


def test_two_rates_of_one_input_collide_without_a_field_for_them() -> None:
    results = [("a.png", Path("x.png"))] * 2
    with pytest.raises(ArgumentError, match=r"two results of a\.png .* \{dilation\}"):
        check_outputs(results, ["a.png"])


def test_standard_output_takes_one_result() -> None:
    check_outputs([("a.png", Path("-"))], ["a.png"])
    with pytest.raises(ArgumentError, match="would both write standard output"):
        check_outputs([("a.png", Path("-")), ("b.png", Path("-"))], ["a.png", "b.png"])


def test_other_spellings_of_one_path_are_seen_through(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "x.png").symlink_to("y.png")
    pairs = [("real/a.png", "link/a.png"), ("real/a.png", "real/../link/a.png"),
             ("real/x.png", "link/y.png")]  # fmt: skip
    for first, second in pairs:
        results = [("1", tmp_path / first), ("2", tmp_path / second)]
        with pytest.raises(ArgumentError, match="would both write"):
            check_outputs(results, ["1", "2"])


def test_an_input_is_written_over_only_by_itself_and_only_if_allowed(tmp_path: Path) -> None:
    a, b = str(tmp_path / "a.png"), str(tmp_path / "b.png")
    with pytest.raises(ArgumentError, match="over itself; allow it with --overwrite"):
        check_outputs([(a, Path(a))], [a, b])
    check_outputs([(a, Path(a))], [a, b], overwrite=True)
    for overwrite in (False, True):
        with pytest.raises(
            ArgumentError, match=r"which is an input too; leave .* --exclude"
        ) as told:
            check_outputs([(a, Path(b))], [a, b], overwrite=overwrite)
        assert "\n" not in str(told.value)


def test_a_subfolder_is_of_the_output_folder_and_never_leads_out_of_it() -> None:
    mine, out = fields("in/a/b.png"), Path("out")
    assert output_path("in/a/b.png", mine, None, out, "a") == Path("out/a/b_sobel-y_d2.png")
    assert output_path("in/a/b.png", mine, "x/{stem}.tif", out, "a") == Path("out/a/x/b.tif")
    assert output_path("in/a/b.png", mine, "../b.tif", out, "a") == Path("out/a/../b.tif")
    assert output_path("in/a/b.png", mine, None, None, "a") == Path("in/a/b_sobel-y_d2.png")
    for template, subfolder in (("../b.tif", ""), ("b.tif", "../x"), ("x/../../b.tif", "y/.."),
                                ("b.tif", "/x"), ("{parent}/b.tif", "")):  # fmt: skip
        with pytest.raises(ArgumentError, match="leaves --output-dir out"):
            output_path("../b.png", fields("../b.png"), template, out, subfolder)


def test_a_folder_that_is_a_picture_is_an_output(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").mkdir()
    path = tmp_path / "a.zarr"
    assert output_path("a.png", fields(), str(path)) == path
    with pytest.raises(ArgumentError, match="is a folder"):
        output_path("a.png", fields(), f"{path}/")
