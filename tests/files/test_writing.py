from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from dilcli.errors import ImageFileError
from dilcli.files.writing import (
    holds,
    is_plain,
    remove_temporary,
    replacing,
    replacing_folder,
    write,
)

DATA = b"new content"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "out.png"
    path.write_bytes(b"old content")
    return path


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _failing(error: BaseException) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_new_file_is_whole_and_its_mode_is_left_to_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.png", DATA)
    finally:
        os.umask(before)
    assert (tmp_path / "a.png").read_bytes() == DATA
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o640
    assert _names(tmp_path) == ["a.png"]


def test_an_existing_file_is_kept_unless_overwriting_is_asked_for(target: Path) -> None:
    with pytest.raises(ImageFileError, match=r"^output exists: .*out\.png \(use --overwrite\)$"):
        write(target, DATA)
    assert target.read_bytes() == b"old content"
    write(target, DATA, overwrite=True)
    assert target.read_bytes() == DATA


def test_the_mode_of_an_existing_file_is_kept(target: Path) -> None:
    target.chmod(0o604)
    write(target, DATA, overwrite=True)
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


def test_a_symbolic_link_is_written_through(target: Path) -> None:
    link = target.with_name("link.png")
    link.symlink_to("out.png")
    write(link, DATA, overwrite=True)
    assert link.is_symlink()
    assert target.read_bytes() == DATA


def test_a_link_into_another_folder_makes_its_temporary_file_there(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "there" / "new.png")
    write(link, DATA)
    assert (tmp_path / "there" / "new.png").read_bytes() == DATA
    assert _names(tmp_path) == ["link.png", "there"]


@pytest.mark.parametrize("step", ["os.write", "os.fsync", "pathlib.Path.replace", "os.fchmod"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_whatever_fails_leaves_the_old_content_and_nothing_else(
    step: str, error: BaseException, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, _failing(error))
    with pytest.raises((ImageFileError, KeyboardInterrupt)) as caught:
        write(target, DATA, overwrite=True)
    monkeypatch.undo()
    assert target.read_bytes() == b"old content"
    assert _names(target.parent) == ["out.png"]
    if isinstance(error, OSError):
        assert str(caught.value) == f"{target}: cannot write: No space left on device"


@pytest.mark.parametrize("step", ["os.write", "os.fsync", "os.link"])
def test_a_new_file_that_fails_never_appears(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, _failing(OSError(errno.EIO, "Input/output error")))
    with pytest.raises(ImageFileError, match="Input/output error"):
        write(tmp_path / "a.png", DATA)
    assert _names(tmp_path) == []


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:3]))
    write(tmp_path / "a.png", DATA)
    monkeypatch.undo()
    assert (tmp_path / "a.png").read_bytes() == DATA


def test_a_file_that_comes_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    real = os.fsync

    def late(descriptor: int) -> None:
        real(descriptor)
        path.write_bytes(b"from elsewhere")

    monkeypatch.setattr(os, "fsync", late)
    with pytest.raises(ImageFileError, match="output exists"):
        write(path, DATA)
    assert path.read_bytes() == b"from elsewhere"
    assert _names(tmp_path) == ["a.png"]


def test_a_file_system_without_hard_links_is_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", _failing(OSError(errno.EPERM, "Operation not permitted")))
    write(tmp_path / "a.png", DATA)
    assert (tmp_path / "a.png").read_bytes() == DATA
    assert _names(tmp_path) == ["a.png"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match=r"the folder .*nowhere does not exist$"):
        write(tmp_path / "nowhere" / "a.png", DATA)


def test_a_folder_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="is a folder"):
        write(tmp_path, DATA, overwrite=True)


def test_a_name_too_long_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="File name too long"):
        write(tmp_path / ("a" * 300), DATA)


def test_a_full_device_is_one_line() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(ImageFileError, match=r"^/dev/full: cannot write: No space left on device$"):
        write(Path("/dev/full"), DATA)


def test_a_fifo_is_written_to_and_stays_a_fifo(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    write(path, DATA)
    reader.join()
    assert got == [DATA]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_standard_output_in_a_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out"
    code = (
        "from pathlib import Path; from dilcli.files import write; write(Path('/dev/stdout'), b'b')"
    )
    with path.open("wb") as out:
        out.write(b"a")
        out.flush()
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
        out.seek(0, os.SEEK_END)
        out.write(b"c")
    assert path.read_bytes() == b"abc"


def test_a_killed_run_leaves_no_half_file_under_the_final_name(target: Path) -> None:
    code = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from dilcli.files import write\n"
        "real = os.write\n"
        "def slow(fd, data):\n"
        "    count = real(fd, bytes(data)[:5])\n"
        "    print('half', flush=True)\n"
        "    time.sleep(60)\n"
        "    return count\n"
        "os.write = slow\n"
        "write(Path(sys.argv[1]), b'new content', overwrite=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"half\n"
        run.send_signal(signal.SIGKILL)
    assert target.read_bytes() == b"old content"
    others = [name for name in _names(target.parent) if name != "out.png"]
    assert all(name.startswith(".dilcli-") for name in others)


def test_what_is_written_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real_sync, real_link = os.fsync, os.link

    def sync(descriptor: int) -> None:
        order.append("sync")
        real_sync(descriptor)

    def link(source: Path, name: Path) -> None:
        order.append("name")
        real_link(source, name)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "link", link)
    write(tmp_path / "a.png", DATA)
    assert order == ["sync", "name"]


def test_what_is_written_piece_by_piece_appears_when_all_of_it_is_there(target: Path) -> None:
    with replacing(target, overwrite=True) as file:
        file.write(b"first, ")
        file.flush()
        assert target.read_bytes() == b"old content"
        file.write(b"second")
        file.seek(0)
        assert file.read() == b"first, second"
    assert target.read_bytes() == b"first, second"
    assert _names(target.parent) == ["out.png"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(1)])
@pytest.mark.parametrize("opened", [replacing, replacing_folder])
def test_a_block_that_raises_leaves_the_old_content_and_passes_its_error_on(
    error: BaseException, opened: Any, target: Path
) -> None:
    with pytest.raises(type(error)) as caught, opened(target, overwrite=True):
        raise error
    assert caught.value is error
    assert target.read_bytes() == b"old content"
    assert _names(target.parent) == ["out.png"]


@pytest.mark.parametrize("opened", [replacing, replacing_folder])
def test_a_full_disk_is_one_line_in_a_block_too(opened: Any, tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    said = r"x: cannot write: No space left on device$"
    with pytest.raises(ImageFileError, match=said), opened(tmp_path / "x"):
        raise full
    assert _names(tmp_path) == []


@pytest.mark.parametrize("opened", [replacing, replacing_folder])
def test_what_exists_is_refused_before_and_after_the_block(opened: Any, target: Path) -> None:
    said = r"^output exists: .*out\.png \(use --overwrite\)$"
    with pytest.raises(ImageFileError, match=said), opened(target):
        pytest.fail("the block runs")
    late = target.with_name("late")
    with pytest.raises(ImageFileError, match="output exists"), opened(late):
        late.write_bytes(b"from elsewhere")
    assert late.read_bytes() == b"from elsewhere"
    assert _names(target.parent) == ["late", "out.png"]


def test_a_fifo_a_stream_and_a_device_are_not_written_piece_by_piece(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null"), Path("/dev/stdout")):
        refused = pytest.raises(ImageFileError, match="is no regular file")
        with refused, replacing(path, overwrite=True):
            pytest.fail("the block runs")


def _tree(folder: Path, name: str) -> Path:
    (folder / name / "c").mkdir(parents=True)
    (folder / name / "c" / "0").write_bytes(name.encode())
    return folder / name


def test_a_folder_appears_whole_and_replaces_a_whole_tree(tmp_path: Path) -> None:
    path = tmp_path / "x.zarr"
    with replacing_folder(path) as folder:
        _tree(folder, "one")
        assert folder.parent == tmp_path
        assert not path.exists()
    assert (path / "one" / "c" / "0").read_bytes() == b"one"
    with replacing_folder(path, overwrite=True) as folder:
        _tree(folder, "two")
    assert _names(path) == ["two"]
    assert _names(tmp_path) == ["x.zarr"]


def test_a_folder_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    there = _tree(tmp_path, "there")
    (tmp_path / "link").symlink_to("there")
    with replacing_folder(tmp_path / "link", overwrite=True) as folder:
        _tree(folder, "new")
    assert (tmp_path / "link").is_symlink()
    assert _names(there) == ["new"]


def test_a_folder_that_cannot_take_its_name_leaves_the_old_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _tree(tmp_path, "x.zarr")
    real, calls = Path.rename, list[Path]()

    def second_fails(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", second_fails)
    failed = pytest.raises(ImageFileError, match="Input/output error")
    with failed, replacing_folder(path, overwrite=True):
        pass
    assert (path / "c" / "0").read_bytes() == b"x.zarr"
    assert _names(tmp_path) == ["x.zarr"]


@pytest.mark.parametrize("opened", [replacing, replacing_folder])
def test_what_killed_processes_left_is_removed_by_its_tag_and_nothing_else(
    opened: Any, tmp_path: Path
) -> None:
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        f"from dilcli.files.writing import {opened.__name__} as opened\n"
        "with opened(Path(sys.argv[1]) / 'x', tag=sys.argv[2]) as made:\n"
        "    if isinstance(made, Path): (made / 'c').mkdir(); (made / 'c' / '0').touch()\n"
        "    os._exit(9)\n"
    )
    for tag in ("", "run", "run-2", "r.n"):
        subprocess.run([sys.executable, "-c", code, str(tmp_path), tag], check=False)
    (tmp_path / ".dilcli-run-notes.tmp").touch()
    assert len(_names(tmp_path)) == 5
    before = {*_names(tmp_path)}
    remove_temporary(tmp_path, "")
    assert {*_names(tmp_path)} == before
    remove_temporary(tmp_path, "r.n")
    assert len(_names(tmp_path)) == 4
    remove_temporary(tmp_path, "run")
    left = sorted(_names(tmp_path), key=len)
    assert len(left) == 3
    assert left[0] == ".dilcli-run-notes.tmp"
    assert left[2].startswith(".dilcli-run-2-")
    remove_temporary(tmp_path / "nowhere", "run")


def test_the_tag_is_in_the_name_of_the_temporary_file(tmp_path: Path) -> None:
    with replacing(tmp_path / "x", tag="run7"):
        (name,) = _names(tmp_path)
    assert name.startswith(".dilcli-run7-")
    assert name.endswith(".tmp")
    write(tmp_path / "y", DATA, tag="run7")
    assert _names(tmp_path) == ["x", "y"]


def test_a_file_holds_these_bytes_or_others_or_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert not holds(path, b"abc")
    path.write_bytes(b"abc")
    assert holds(path, b"abc")
    assert not holds(path, b"abd")
    assert not holds(path, b"abcd")
    assert not holds(tmp_path, b"")


def test_a_plain_name_is_free_or_a_regular_files(target: Path) -> None:
    assert is_plain(target)
    assert is_plain(target.with_name("free.png"))
    assert not is_plain(target.parent)
    assert not is_plain(Path("/dev/stdout"))
    assert not is_plain(target / "below a file")
    if hasattr(os, "mkfifo"):
        os.mkfifo(target.with_name("pipe"))
        assert not is_plain(target.with_name("pipe"))
