"""Every output is named before any work, and what collides is refused."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dilcli.core.kernels import parse_kernel
from dilcli.core.recipe import Recipe
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.outputs import FrameSpans, Source, Writing, name_outputs, plan_tasks

BOX = parse_kernel("box")
PLAIN = Writing()
ONE = [Recipe(BOX)]
THREE = [Recipe(BOX, ((rate, rate),)) for rate in (1, 2, 4)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where a.png, b.tif (three pages) and bare (a PNG by content) lie."""
    monkeypatch.chdir(tmp_path)
    still = Image.fromarray(np.zeros((2, 3), np.uint8))
    still.save("a.png")
    still.save("bare", format="png")
    still.save("b.tif", save_all=True, append_images=[still, still])
    (tmp_path / "sub").mkdir()
    still.save("sub/a.png")
    return tmp_path


def _names(
    inputs: list[str], writing: Writing = PLAIN, recipes: list[Recipe] = ONE
) -> list[str | None]:
    tasks = plan_tasks([Source(name) for name in inputs], recipes, writing)
    return [None if task.output is None else str(task.output) for task in tasks]


@pytest.mark.usefixtures("folder")
def test_without_a_template_outputs_stand_beside_their_inputs() -> None:
    assert _names(["a.png", "sub/a.png"]) == ["a_box_d1.png", "sub/a_box_d1.png"]
    assert _names(["a.png"], recipes=THREE) == ["a_box_d1.png", "a_box_d2.png", "a_box_d4.png"]


@pytest.mark.usefixtures("folder")
def test_inputs_come_in_order_and_the_rates_of_each_in_order() -> None:
    names = _names(["b.tif", "a.png"], Writing(folder=Path("out")), THREE[:2])
    assert names == ["out/b_box_d1.tif", "out/b_box_d2.tif", "out/a_box_d1.png", "out/a_box_d2.png"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("x.png", "x.png"),
        ("{stem}-{kernel}-{dilation}.tif", "a-box-2x3.tif"),
        ("{parent}/{stem}_e{ext}", "a_e.png"),
        ("{name}.tif", "a.png.tif"),
        ("e_{name}", "e_a.png"),
        ("{index:03d}.PNG", "000.PNG"),
        ("{{{stem}}}.png", "{a}.png"),
    ],
)
def test_a_template_is_filled_in(template: str, wanted: str) -> None:
    recipe = Recipe(BOX, ((2, 3),))
    assert _names(["a.png"], Writing(template=template), [recipe]) == [wanted]


@pytest.mark.usefixtures("folder")
def test_combined_rates_are_one_output_that_names_them_all() -> None:
    recipe = Recipe(BOX, ((1, 1), (2, 2), (4, 3)), "max")
    assert _names(["a.png"], recipes=[recipe]) == ["a_box_d1-2-4x3.png"]


@pytest.mark.usefixtures("folder")
def test_an_input_without_an_extension_gets_that_of_its_content() -> None:
    assert _names(["bare"]) == ["bare_box_d1.png"]


@pytest.mark.usefixtures("folder")
def test_a_format_gives_default_names_its_extension() -> None:
    assert _names(["a.png"], Writing(format="tiff")) == ["a_box_d1.tif"]
    tasks = plan_tasks([Source("a.png")], ONE, Writing(format="webp", template="{stem}_x{ext}"))
    assert (str(tasks[0].output), tasks[0].format) == ("a_x.webp", "webp")


def test_standard_input_is_named_stdin_and_takes_its_content_or_the_format() -> None:
    data = b"\x89PNG\r\n\x1a\n"
    import io

    buffer = io.BytesIO()
    Image.new("L", (2, 2)).save(buffer, "png")
    source = Source("-", buffer.getvalue())
    assert source.content == buffer.getvalue()
    assert buffer.getvalue().startswith(data)
    (task,) = plan_tasks([source], ONE, Writing())
    assert str(task.output) == "stdin_box_d1.png"
    (task,) = plan_tasks([source], ONE, Writing(template="-"))
    assert (str(task.output), task.format) == ("-", "png")
    (task,) = plan_tasks([source], ONE, Writing(template="-", format="tiff"))
    assert (str(task.output), task.format) == ("-", "tiff")


@pytest.mark.usefixtures("folder")
def test_a_frame_field_makes_one_output_a_frame_numbered_as_in_the_input() -> None:
    assert _names(["b.tif"], Writing(template="{stem}_{frame}.png")) == [
        "b_0.png",
        "b_1.png",
        "b_2.png",
    ]
    tasks = plan_tasks(
        [Source("b.tif")], ONE, Writing(template="{frame:02d}.png"), lambda count: [2, count - 3]
    )
    assert [(str(task.output), task.place) for task in tasks] == [("02.png", 0), ("00.png", 1)]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("inputs", "writing", "message"),
    [
        (["a.png", "sub/a.png"], Writing(folder=Path("out")), r"a\.png and sub/a\.png would both"),
        (["a.png", "b.tif"], Writing(template="x.png"), r"both write x\.png; tell them apart"),
        (["a.png"], Writing(template="x.png"), r"two results of a\.png .*\{dilation\}"),
        (["a.png"], Writing(template="-"), "standard output"),
        (["a.png"], Writing(template="a.png"), "two results|over itself"),
    ],
)
def test_outputs_that_collide_are_refused(
    inputs: list[str], writing: Writing, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        _names(inputs, writing, THREE)


@pytest.mark.usefixtures("folder")
def test_an_input_is_replaced_only_by_its_own_result_and_only_with_overwrite() -> None:
    with pytest.raises(ArgumentError, match="over itself; allow it with --overwrite"):
        _names(["a.png"], Writing(template="{name}"))
    assert _names(["a.png"], Writing(template="{name}", overwrite=True)) == ["a.png"]
    with pytest.raises(ArgumentError, match="which is an input too"):
        _names(["sub/a.png", "a.png"], Writing(template="{index}/../a.png", overwrite=True))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("writing", "message"),
    [
        (Writing(template="x.pngg"), r"extension '\.pngg' \(did you mean \.png\?\)"),
        (Writing(template="x"), "no extension names its format"),
        (Writing(template="x.fits"), "FITS is read but not written"),
        (Writing(template="x.jpg", format="png"), "jpeg by its extension, so --format png is void"),
        (Writing(template="{stm}.png"), r"unknown field \{stm\}; did you mean \{stem\}"),
        (Writing(template="{plane}.png"), "has no value here"),
        (Writing(template="{stem.png"), "output template"),
        (Writing(template="-", folder=Path("out")), "--output-dir out is void"),
        (Writing(quality=0), "quality 0: must be 1 to 100"),
        (Writing(compression="11"), "PNG takes 0 to 9"),
        (Writing(template="x.tif", compression="lzma"), "TIFF takes none, deflate or 0 to 9"),
    ],
)
def test_a_template_or_option_that_cannot_serve_is_refused(writing: Writing, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        _names(["a.png"], writing)


@pytest.mark.usefixtures("folder")
def test_an_input_that_cannot_be_named_fails_alone() -> None:
    Path("odd.xyz").write_bytes(Path("a.png").read_bytes())
    tasks = plan_tasks([Source("odd.xyz"), Source("a.png")], ONE, Writing())
    assert [str(task.output) for task in tasks] == ["None", "a_box_d1.png"]
    assert "no format is known by the extension '.xyz'" in (tasks[0].error or "")
    tasks = plan_tasks([Source("no.tif"), Source("b.tif")], ONE, Writing(template="{frame}.png"))
    assert [task.error is None for task in tasks] == [False, True, True, True]
    assert tasks[0].error == "no.tif: No such file or directory"


@pytest.mark.usefixtures("folder")
def test_an_output_folder_keeps_the_tree_that_inputs_were_found_in() -> None:
    sources = [
        *(Source("a.png"), Source("sub/a.png", subfolder="sub")),
        Source("b.tif", subfolder="x/y"),
    ]
    wanted = {
        None: ["out/a_box_d1.png", "out/sub/a_box_d1.png", "out/x/y/b_box_d1.tif"],
        "t/{stem}.npy": ["out/t/a.npy", "out/sub/t/a.npy", "out/x/y/t/b.npy"],
    }
    for template, names in wanted.items():
        tasks = plan_tasks(sources, ONE, Writing(template=template, folder=Path("out")))
        assert [str(task.output) for task in tasks] == names
    beside = plan_tasks(sources, ONE, Writing())
    assert [str(task.output) for task in beside] == [
        *("a_box_d1.png", "sub/a_box_d1.png", "b_box_d1.tif")
    ]


@pytest.mark.usefixtures("folder")
def test_an_input_with_an_error_fails_alone_once_a_recipe() -> None:
    sources = [Source("*.bmp", error="no file matches"), Source("a.png")]
    tasks = plan_tasks(sources, THREE, Writing(template="{stem}_{dilation}.png"))
    assert [task.error for task in tasks] == ["no file matches"] * 3 + [None] * 3
    # What cannot be read cannot be lost.
    plan_tasks([Source("a_box_d1.png", error="odd"), Source("a.png")], ONE, Writing())


@pytest.mark.usefixtures("folder")
def test_a_path_leads_to_an_input_from_elsewhere_and_its_name_stays() -> None:
    source = Source("bare", path=str(Path("bare").absolute()))
    os.chdir("sub")
    (task,) = plan_tasks([source], ONE, Writing())
    assert (str(task.output), task.source.name) == ("bare_box_d1.png", "bare")
    assert Source("x", data=b"y", path="z").content == b"y"


@pytest.mark.usefixtures("folder")
def test_outputs_are_named_source_by_source_also_where_they_collide() -> None:
    sources, writing = (
        [Source("a.png"), Source("no"), Source("sub/a.png")],
        Writing(template="x.png"),
    )
    named = list(name_outputs(sources, THREE, writing))
    assert [[str(task.output) for task in tasks] for tasks in named] == [
        *(["x.png"] * 3, ["None"] * 3, ["x.png"] * 3)
    ]
    with pytest.raises(ArgumentError, match="no format is known"):
        name_outputs([], ONE, Writing(template="x.nothing"))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted), min_size=1))
def test_spans_of_frames_choose_each_frame_once_also_after_a_journey(
    spans: list[list[int]],
) -> None:
    select = FrameSpans(tuple((first, last) for first, last in spans))
    wanted = {frame for first, last in spans for frame in range(first, last + 1)}
    for same in (select, pickle.loads(pickle.dumps(select))):
        assert same == select
        assert same(10)[0] == spans[0][0]
        assert sorted(same(10)) == sorted(wanted)
        assert same(max(wanted) + 1) == same(10)
    with pytest.raises(ImageFileError, match=f"^no frame {max(wanted)}: there (is|are) frame"):
        select(max(wanted))


@pytest.mark.usefixtures("folder")
def test_what_is_planned_can_be_sent_to_another_process() -> None:
    tasks = plan_tasks([Source("b.tif", subfolder="x"), Source("a", error="b")], THREE, Writing())
    assert pickle.loads(pickle.dumps(tasks)) == tasks
