"""What the documents say is what the program does."""

from __future__ import annotations

import doctest
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dilcli.core.boundary import ALIASES, PICTURES
from dilcli.core.named_kernels import named_kernels
from dilcli.core.receptive.layers import KINDS
from dilcli.features import comparison_conditions
from dilcli.features.field_checks import QUANTITIES, WORDS, parse_condition

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(p for p in ROOT.rglob("*.md") if ".venv" not in p.parts)
EXAMPLES = re.findall(r"^dilcli .*$", README, re.MULTILINE)


def _lines(pattern: str) -> list[str]:
    return re.findall(rf"^python3 -m venv .*{pattern}.*$", README, re.MULTILINE)


def _bash(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line as a reader would, in a folder that has the sample images."""
    samples = folder / "sample_images"
    if not samples.exists():
        samples.symlink_to(ROOT / "sample_images")
        (folder / "out").mkdir()
    script = f'set -e\ndilcli() {{ "$PYTHON" -m dilcli "$@"; }}\n{line}'
    environment = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _help(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dilcli", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    return done.stdout


def _table(heading: str) -> list[list[str]]:
    """Cells of the first table under a heading of the README, without its head."""
    text = README.split(f"\n{heading}\n")[1]
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table, heading
    return [re.split(r" *(?<!\\)\| *", line.strip("| ")) for line in table[0].splitlines()[2:]]


def test_the_readme_has_one_line_for_the_main_job_and_one_for_the_tests() -> None:
    assert len(_lines("dilcli apply")) == 1
    assert len(_lines("pytest")) == 1


def test_ci_reads_both_lines_from_the_readme_and_calls_pytest_by_no_other_way() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line.strip() for line in script.splitlines() if not line.lstrip().startswith("#")]
    assert "main_job=$(readme_line 'dilcli apply')" in commands
    assert "tests=$(readme_line 'pytest')" in commands
    assert commands[-1] == 'bash -euo pipefail -c "$tests"'
    assert not [line for line in commands if re.match(r"(\S*/)?pytest|.*-m pytest", line)]


def test_the_main_job_of_the_readme_works_and_works_again(tmp_path: Path) -> None:
    job = _lines("dilcli apply")[0].rpartition(".venv/bin/")[2]
    for _ in range(2):
        done = _bash(job, tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "edges.png").stat().st_size > 0


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_of_the_readme_works_on_the_sample_images(
    example: str, tmp_path: Path
) -> None:
    done = _bash(example, tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_python_of_the_readme_prints_what_it_says() -> None:
    test = doctest.DocTestParser().get_doctest(README, {}, "README.md", "README.md", 0)
    assert test.examples
    report: list[str] = []
    assert doctest.DocTestRunner().run(test, out=report.append).failed == 0, "".join(report)


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        ("apply", "[OPTIONS] INPUTS..."),
        ("compare", "[OPTIONS] INPUT"),
        ("rf", "[OPTIONS] [LAYERS]..."),
        ("atrous info", "[OPTIONS]"),
        ("atrous denoise", "[OPTIONS] INPUTS..."),
        ("atrous enhance", "[OPTIONS] INPUTS..."),
        ("atrous decompose", "[OPTIONS] INPUTS..."),
        ("atrous recompose", "[OPTIONS] PLANES..."),
    ],
)
def test_every_option_of_a_command_is_in_the_readme_and_the_readme_has_no_other(
    command: str, usage: str
) -> None:
    words = command.split()
    documented = {
        option
        for row in _table(f"#{'#' * len(words)} `dilcli {command} {usage}`")
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", row[0])
    }
    text = _help(*words)
    offered = set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z-]*)", text, re.MULTILINE))
    offered |= set(re.findall(r"^ +(?:-\w, )?--[a-z-]+, (--[a-z-]+)", text, re.MULTILINE))
    assert offered - {"--help"} == documented


def test_every_command_is_in_the_readme() -> None:
    commands = re.findall(r"^  (\w+) ", _help().split("Commands:")[1], re.MULTILINE)
    assert commands
    assert [name for name in commands if f"## `dilcli {name} " not in README] == []


def test_every_command_of_atrous_is_in_the_readme() -> None:
    commands = re.findall(r"^  (\w+) ", _help("atrous").split("Commands:")[1], re.MULTILINE)
    assert commands
    assert [name for name in commands if f"### `dilcli atrous {name} " not in README] == []


def test_the_table_of_levels_is_what_the_program_prints(tmp_path: Path) -> None:
    printed = README.split("\nexample prints\n\n```text\n")[1].split("```")[0]
    first = next(example for example in EXAMPLES if example.startswith("dilcli atrous info "))
    assert _bash(f"COLUMNS=80 {first}", tmp_path).stdout == printed


def test_the_table_of_kernels_is_that_of_the_program() -> None:
    wanted = [
        [
            f"`{kernel.name}`",
            ", ".join(f"`{p.name}={p.default}`" for p in kernel.parameters),
            kernel.summary,
        ]
        for kernel in named_kernels()
    ]
    assert _table("### Kernels") == wanted


def test_the_table_of_boundaries_is_that_of_the_program() -> None:
    wanted = []
    for mode, picture in PICTURES.items():
        aliases = [f"`{alias}`" for alias, name in ALIASES.items() if name == mode]
        wanted.append([f"`{mode}`", f"`{picture}`".replace("|", r"\|"), ", ".join(aliases)])
    assert _table("### Boundaries") == wanted


def test_the_table_of_json_keys_is_what_the_program_prints(tmp_path: Path) -> None:
    done = _bash("dilcli apply sample_images/step.png -k sobel-y --json -o s.png", tmp_path)
    assert done.returncode == 0, done.stderr
    documented = [key for row in _table("### JSON") for key in re.findall(r"`(\w+)`", row[0])]
    assert sorted(json.loads(done.stdout)) == sorted(documented)


def _without_times(table: str) -> str:
    return re.sub(r" +[\d.]+ m?s$", "", table, flags=re.MULTILINE)


def test_the_table_of_a_comparison_is_what_the_program_prints(tmp_path: Path) -> None:
    section = README.split("\n## `dilcli compare ")[1]
    printed = section.split("the first prints\n\n```text\n")[1].split("```")[0]
    first = next(example for example in EXAMPLES if example.startswith("dilcli compare "))
    found = _bash(f"COLUMNS=80 {first}", tmp_path).stdout
    rows = [_without_times(text).splitlines() for text in (printed, found)]
    # The columns are as wide as the times.
    assert [row.split("time")[0].split() for row in rows[0] if "──" not in row] == [
        row.split("time")[0].split() for row in rows[1] if "──" not in row
    ]


def test_the_table_of_keys_of_comparisons_is_what_the_program_prints(tmp_path: Path) -> None:
    done = _bash("dilcli compare sample_images/step.png -k sobel-y --json", tmp_path)
    record = json.loads(done.stdout)
    rows = _table("### Comparisons as JSON")
    documented = [key for row in rows for key in re.findall(r"`(\w+)`", row[0])]
    assert len(documented) == len(set(documented))
    assert set(documented) == {*record, *record["ways"][0]}
    text = " ".join(row[-1] for row in rows)
    inner = [*record["identity"], *record["gridding"], *record["ways"][0]["errors"]]
    assert [key for key in inner if f"`{key}`" not in text] == []


def test_the_conditions_of_a_comparison_are_those_of_the_program() -> None:
    text = README.split("\n### Conditions on a comparison\n")[1].split("\n## ")[0]
    names = {*comparison_conditions.OF_WAYS, *comparison_conditions.OF_THE_PICTURE}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
    for condition in re.findall(r"`(\S+<\d+)`", text):
        comparison_conditions.parse_condition(condition)


def test_the_table_of_receptive_fields_is_what_the_program_prints(tmp_path: Path) -> None:
    printed = README.split("\nThe first prints\n\n```text\n")[1].split("```")[0]
    first = next(example for example in EXAMPLES if example.startswith("dilcli rf "))
    assert _bash(f"COLUMNS=80 {first}", tmp_path).stdout == printed


def test_the_table_of_keys_of_receptive_fields_is_what_the_program_prints(tmp_path: Path) -> None:
    done = _bash("dilcli rf conv3 --json", tmp_path)
    record = json.loads(done.stdout)
    rows = _table("### Receptive fields as JSON")
    documented = [key for row in rows for key in re.findall(r"`(\w+)`", row[0])]
    assert len(documented) == len(set(documented))
    assert set(documented) == {*record["layers"][0], *record["summary"]}


def test_the_layers_of_the_readme_are_read(tmp_path: Path) -> None:
    rows = _table("### Layers")
    texts = [text for row in rows for text in re.findall(r"`([^`]+)`", row[0])]
    for text in texts:
        options = re.fullmatch(r"[sdgp][\d:vhsc]+", text)
        layers = text.replace("\\|", "|").replace("from:", "conv1@name from:")
        layers = f"conv3{text}" if options else layers
        done = _bash(f"dilcli rf '{layers}'", tmp_path)
        assert done.returncode == 0, done.stderr
    assert [kind for kind in KINDS if not any(kind in text for text in texts)] == []


def test_the_conditions_of_the_readme_are_those_of_the_program() -> None:
    text = README.split("\n### Conditions\n")[1].split("\n## ")[0]
    assert [word for word in WORDS if f"`{word}`" not in text] == []
    rows = _table("### Receptive fields as JSON")
    keys = {key for row in rows for key in re.findall(r"`(\w+)`", row[0])}
    assert set(QUANTITIES) <= keys
    for condition in re.findall(r"`(\w+>=\w+)`", text):
        parse_condition(condition)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_to_a_file_or_heading_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        linked = page.parent / name if name else page
        assert linked.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}


def test_the_changelog_opens_with_what_is_not_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE)[0] == "[Unreleased]"
