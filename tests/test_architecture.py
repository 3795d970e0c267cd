"""The house keeps its floors: who may import whom, and what loads when.

``cli -> features -> (core, files, draw) -> errors``: arrows only go down, and core, files and
draw do not know one another. The floors are read from the source of every module, the lazy
imports from a fresh interpreter.
"""

from __future__ import annotations

import ast
import fnmatch
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dilcli"
SOURCES = sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py"))

FLOORS_BELOW = {
    "errors": set[str](),
    "core": {"errors"},
    "files": {"errors"},
    "draw": {"errors"},
    "features": {"core", "files", "draw", "errors"},
    # The version is a constant of the root, written once.
    "cli": {"features", "core", "files", "draw", "errors", "__version__"},
    "__init__": {"features", "core", "errors"},
    "__main__": {"cli"},
}
THIRD_PARTIES = {
    "errors": set[str](),
    "core": {"numpy", "scipy"},
    "files": {
        *("numpy", "PIL", "tifffile", "imageio"),
        *("imagecodecs", "pillow_heif", "astropy", "onnx", "zarr"),
    },
    "draw": {"numpy", "PIL"},
    "features": {"numpy", "dask", "distributed"},
    "cli": {"click", "rich"},
    "__init__": set[str](),
    "__main__": set[str](),
}
STANDARD_LIBRARY_ONLY = ("core/*kernel*.py", "core/receptive/*.py")
HEAVY = {"numpy", "scipy", "imageio", "PIL", "rich", "tifffile"}


class Import(NamedTuple):
    """One imported module by its full dotted name; ``for_types`` ones never run."""

    target: str
    line: int
    for_types: bool


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _targets(node: ast.AST, package: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else ()
        start = ".".join((*base, *filter(None, [node.module])))
        return [f"{start}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {
        "import_module",
        "__import__",
    }:
        return [str(a.value) for a in node.args[:1] if isinstance(a, ast.Constant)]
    return []


def imports(text: str, path: str) -> Iterator[Import]:
    """Every import in a module's source, at any depth, relative ones resolved."""
    package = ("dilcli", *Path(path).parts[:-1])

    def walk(node: ast.AST, for_types: bool) -> Iterator[Import]:
        for target in _targets(node, package):
            yield Import(target, getattr(node, "lineno", 0), for_types)
        hidden = set(map(id, node.body)) if isinstance(node, ast.If) else set()
        for child in ast.iter_child_nodes(node):
            guarded = _is_type_checking(node) and id(child) in hidden
            yield from walk(child, for_types or guarded)

    return walk(ast.parse(text), for_types=False)


def floor_of(path: str) -> str:
    """Name the floor of a source path; a module of the root is a floor of its own."""
    return Path(path).parts[0].removesuffix(".py")


def faults(text: str, path: str) -> list[str]:
    """Say in one sentence each what a module imports against the plan of the house."""
    floor = floor_of(path)
    bare = any(fnmatch.fnmatch(path, pattern) for pattern in STANDARD_LIBRARY_ONLY)
    allowed = set() if bare else THIRD_PARTIES[floor]
    found = []
    for target, line, for_types in imports(text, path):
        top, _, rest = target.partition(".")
        if top == "dilcli":
            other = rest.split(".")[0]
            if other != floor and other not in FLOORS_BELOW[floor]:
                found.append(f"{path}:{line}: {floor} may not know {target}")
        elif top not in sys.stdlib_module_names | allowed and not for_types:
            found.append(f"{path}:{line}: {target} may not be used here")
    return found


@pytest.mark.parametrize("path", SOURCES)
def test_each_module_imports_only_floors_below_it_and_the_third_parties_of_its_floor(
    path: str,
) -> None:
    assert faults((PACKAGE / path).read_text(encoding="utf-8"), path) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("core/a.py", "from dilcli.files import read"),
        ("core/a.py", "from dilcli import files"),
        ("core/a.py", "from ..features import apply"),
        ("core/a.py", "from dilcli import correlate"),
        ("core/a.py", "def f():\n    import click"),
        ("core/a.py", "import importlib\nimportlib.import_module('rich.table')"),
        ("core/kernels.py", "def f():\n    import numpy as np"),
        ("files/a.py", "if TYPE_CHECKING:\n    from dilcli.core.kernels import Kernel"),
        ("files/a.py", "import dilcli.draw.panel"),
        ("features/a.py", "from dilcli.cli import main"),
        ("features/a.py", "from PIL import Image"),
        ("features/a.py", "if TYPE_CHECKING:\n    import numpy\nelse:\n    import rich"),
        ("cli/a.py", "import numpy"),
        ("errors.py", "from dilcli.core import kernels"),
        ("__main__.py", "from dilcli.core import kernels"),
    ],
)
def test_an_arrow_that_goes_up_or_sideways_is_seen_wherever_it_hides(path: str, text: str) -> None:
    assert len(faults(text, path)) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("core/a.py", "from dilcli.errors import KernelError\nimport numpy, math"),
        ("core/a.py", "from . import kernels\nfrom .boundary import BOUNDARIES"),
        ("core/kernels.py", "if TYPE_CHECKING:\n    import numpy as np"),
        ("features/a.py", "from dilcli import core, files, errors"),
        ("cli/a.py", "import click\nfrom dilcli.features.one_file import apply_file"),
        ("__init__.py", "from dilcli.features.one_file import apply_file"),
    ],
)
def test_arrows_that_go_down_pass(path: str, text: str) -> None:
    assert faults(text, path) == []


def _modules_loaded_by(code: str) -> set[str]:
    report = "import sys, json; print('\\n' + json.dumps(sorted(sys.modules)), file=sys.stderr)"
    script = f"try:\n    {code}\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    done = subprocess.run(
        [sys.executable, "-c", script + report], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


@pytest.mark.parametrize("module", ["dilcli", "dilcli.cli", "dilcli.errors"])
def test_importing_the_package_or_its_command_loads_nothing_heavy(module: str) -> None:
    assert not _modules_loaded_by(f"import {module}") & HEAVY


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["apply", "--help"],
        ["atrous", "--help"],
        ["atrous", "decompose", "--help"],
        ["atrous", "info", "--help"],
        ["atrous", "recompose", "--help"],
    ],
)
def test_help_and_version_load_no_arrays_and_no_image_library(arguments: list[str]) -> None:
    loaded = _modules_loaded_by(
        f"import sys, runpy; sys.argv[1:] = {arguments!r}; "
        "runpy.run_module('dilcli', run_name='__main__', alter_sys=True)"
    )
    assert "click" in loaded, "the command really ran"
    assert not loaded & (HEAVY - {"rich"})


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["rf", "conv3", "--format", "json"], set()),
        (["rf", "conv3", "--format", "csv"], set()),
        (["rf", "--preset", "resnet50"], {"rich"}),
        (["rf", "--preset", "resnet50", "--erf", "--input-size", "224", "--cell", "3,3"], {"rich"}),
        (["rf", "--list-presets"], {"rich"}),
        (["rf", "--suggest", "65"], {"rich"}),
    ],
)
def test_receptive_fields_are_calculated_without_arrays(
    arguments: list[str], allowed: set[str]
) -> None:
    loaded = _modules_loaded_by(
        f"import sys, runpy; sys.argv[1:] = {arguments!r}; "
        "runpy.run_module('dilcli', run_name='__main__', alter_sys=True)"
    )
    assert not loaded & ((HEAVY | {"onnx"}) - allowed)


def test_the_probe_for_loaded_modules_sees_a_heavy_one() -> None:
    assert "numpy" in _modules_loaded_by("import numpy")


def test_scipy_is_imported_only_where_its_code_path_is_chosen() -> None:
    """``import scipy.ndimage`` costs more than everything else together."""
    at_top = [
        path
        for path in SOURCES
        for node in ast.parse((PACKAGE / path).read_text(encoding="utf-8")).body
        for target in _targets(node, ())
        if target.partition(".")[0] == "scipy"
    ]
    assert at_top == []


@pytest.mark.parametrize("path", [p for p in SOURCES if not Path(p).name.startswith("__")])
def test_each_source_file_has_its_test_file(path: str) -> None:
    mirror = ROOT / "tests" / Path(path).with_name(f"test_{Path(path).name}")
    assert mirror.is_file()


def _public_modules() -> list[str]:
    names = (p.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for p in SOURCES)
    inner = [n for n in names if not n.rpartition(".")[2].startswith("_")]
    return ["dilcli", *(f"dilcli.{name}" for name in inner)]


def _only_a_docstring(path: Path) -> bool:
    return all(
        isinstance(node, ast.Expr) or ast.unparse(node) == "from __future__ import annotations"
        for node in ast.parse(path.read_text(encoding="utf-8")).body
    )


@pytest.mark.parametrize("name", _public_modules())
def test_each_public_module_lists_its_names_and_has_them(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__
    if not hasattr(module, "__all__"):
        path = Path(module.__file__)
        assert path.name == "__init__.py"
        assert _only_a_docstring(path)
        return
    assert [public for public in module.__all__ if not hasattr(module, public)] == []
    assert len(set(module.__all__)) == len(module.__all__)


@pytest.mark.parametrize("path", [p for p in SOURCES if floor_of(p) != "cli"])
def test_only_the_command_line_prints(path: str) -> None:
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    calls = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    assert [f.lineno for f in calls if isinstance(f, ast.Name) and f.id == "print"] == []
