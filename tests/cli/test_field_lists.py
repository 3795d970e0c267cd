"""Lists that need no network."""

from __future__ import annotations

import json

import pytest

from dilcli.cli.field_lists import print_presets, print_suggestions
from dilcli.core.receptive.presets import presets
from dilcli.core.receptive.rates import suggest


@pytest.mark.parametrize("width", ["60", "80", "200"])
def test_the_list_names_every_preset_and_its_source_within_the_width(
    width: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    print_presets()
    text = capsys.readouterr().out
    lines = text.splitlines()
    words = " ".join(text.split())
    for preset in presets():
        assert any(line.startswith(preset.name) for line in lines)
        assert " ".join(preset.summary.split()) in words
        assert " ".join(preset.source.split()) in words
    longest = max(map(len, words.split())) + 4
    assert max(map(len, lines)) <= max(int(width), longest)


def test_presets_are_listed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_presets(as_json=True)
    listed = json.loads(capsys.readouterr().out)["presets"]
    assert [preset["name"] for preset in listed] == [preset.name for preset in presets()]
    assert all(preset["text"] and preset["source"] for preset in listed)


def test_suggestions_end_with_a_text_to_paste(capsys: pytest.CaptureFixture[str]) -> None:
    print_suggestions(suggest(65, 3, 4))
    head, line = capsys.readouterr().out.splitlines()
    (found,) = suggest(65, 3, 4)
    assert head.split() == ["layers", "RF", "rates", "text", "to", "paste"]
    assert line.split() == ["4", "65", ",".join(map(str, found.rates)), *found.text.split()]
    assert line.endswith(found.text)


def test_columns_of_suggestions_stand_below_their_heads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_suggestions(suggest(1000))
    head, *lines = capsys.readouterr().out.splitlines()
    assert {line.index("conv") for line in lines} == {head.index("text")}


def test_suggestions_are_written_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_suggestions(suggest(9, 3, 2), as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "suggestions": [{"layers": 2, "rates": [1, 3], "rf": 9, "text": "conv3 conv3d3"}]
    }
