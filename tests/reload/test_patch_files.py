"""Files that come, go and change places, and modules that were loaded before anybody managed them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from program import Program

from engine.errors import ReloadError
from engine.reload.loader import Change, Code


@pytest.fixture
def package(tmp_path: Path) -> Iterator[tuple[Code, Path]]:
    """A folder managed as the package `zz.apps.game`, as games are."""
    folder = tmp_path / "somewhere"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .rocks import R\n")
    (folder / "rocks.py").write_text("R = 1\n")
    code = Code()
    code.add_root(folder, "zz.apps.game", "app")
    code.install()
    yield code, folder
    code.unload(code.loaded_names())
    code.uninstall()
    for name in [name for name in sys.modules if name.partition(".")[0] == "zz"]:
        del sys.modules[name]


def create(code: Code, path: Path, text: str) -> Any:
    path.write_text(text)
    return code.apply([Change(path, "created", path.read_bytes())])


def test_a_folder_is_a_package_of_another_name(package: tuple[Code, Path]) -> None:
    code, folder = package
    game = code.load("zz.apps.game")
    assert game.R == 1
    assert game.__qualified__ == "app"
    assert sys.modules["zz.apps.game.rocks"].__qualified__ == "app.rocks"
    assert code.python_name_of(folder / "deep" / "er.py") == "zz.apps.game.deep.er"
    assert code.python_name_of(folder.parent / "other.py") is None
    assert code.runs(folder / "rocks.py", code.files[folder / "rocks.py"].digest)
    assert code.loaded_names() == ["zz.apps.game.rocks", "zz.apps.game"]


def test_a_new_file_of_a_package_is_loaded_at_once(package: tuple[Code, Path]) -> None:
    code, folder = package
    game = code.load("zz.apps.game")
    patch = create(code, folder / "new.py", "from .rocks import R\nN = R + 1\n")
    assert game.new.N == 2
    assert sys.modules["zz.apps.game.new"].__qualified__ == "app.new"
    patch.undo()
    assert "zz.apps.game.new" not in sys.modules
    assert not hasattr(game, "new")


@pytest.mark.parametrize("name", ["_private.py", "tests/test_it.py", "scripts/make.py", "conftest.py"])
def test_a_new_file_that_is_no_part_of_the_game_waits_for_its_import(package: tuple[Code, Path], name: str) -> None:
    code, folder = package
    code.load("zz.apps.game")
    (folder / name).parent.mkdir(exist_ok=True)
    create(code, folder / name, "raise RuntimeError('not to be loaded')\n")


def test_a_new_file_that_fails_takes_the_batch_with_it(package: tuple[Code, Path]) -> None:
    code, folder = package
    game = code.load("zz.apps.game")
    (folder / "bad.py").write_text("X = 1\n1 / 0\n")
    changes = [
        Change(folder / "rocks.py", "changed", b"R = 5\n"),
        Change(folder / "bad.py", "created", (folder / "bad.py").read_bytes()),
    ]
    with pytest.raises(ReloadError) as caught:
        code.apply(changes)
    assert (caught.value.path, caught.value.line) == (folder / "bad.py", 2)
    assert game.R == 1
    assert "zz.apps.game.bad" not in sys.modules


@pytest.mark.parametrize(
    "user", ["import lib\n", "from lib import X\n", "def f():\n    import lib\n    return lib.X\n"]
)
def test_deleting_what_others_import_is_refused_with_their_places(program: Program, user: str) -> None:
    program.write(lib="X = 1\n", user=user)
    lib = program.load("lib")
    program.load("user")
    with pytest.raises(ReloadError, match=r"user\.py:1"):
        program.edit(lib=None)
    assert sys.modules["lib"] is lib


def test_deleting_what_others_can_do_without_is_followed(program: Program) -> None:
    text = """
    try:
        import lib
    except ImportError:
        lib = None

    def f():
        try:
            import lib
        except ImportError:
            return None
        return lib.X
    """
    program.write(lib="X = 1\n", user=text)
    user = program.load("user")
    assert user.f() == 1
    program.edit(lib=None)
    assert (user.lib, user.f()) == (None, None)
    program.edit(lib="X = 2\n")
    assert (user.lib.X, user.f()) == (2, 2)


def test_handlers_of_a_deleted_file_are_gone_until_it_is_back(program: Program) -> None:
    sound = "from bus import SUBS\n\n\ndef boom():\n    return 'boom'\n\n\nSUBS.append(boom)\n"
    program.write(bus="SUBS = []\n", sound=sound)
    bus = program.load("bus")
    held = program.load("sound").boom
    program.edit(sound=None)
    assert bus.SUBS == []
    assert held() == "boom"
    program.edit(sound=sound.replace("'boom'", "'BOOM'"))
    assert [f() for f in bus.SUBS] == ["BOOM"]
    assert held() == "BOOM"


def test_a_package_loses_its_init_and_keeps_its_modules(program: Program) -> None:
    program.write(pack____init__="K = 1\n", pack__part="V = 2\n", user="import pack.part\n")
    user = program.load("user")
    pack = user.pack
    program.edit(pack____init__=None)
    assert not hasattr(pack, "K")
    assert (user.pack.part.V, sys.modules["pack"]) == (2, pack)
    program.edit(pack____init__="K = 3\n")
    assert (pack.K, user.pack.part.V) == (3, 2)


def test_modules_loaded_by_others_are_taken_over(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write(
        lent="""
        K = 2

        def f():
            return K

        class A:
            def g(self):
                return 1

        def make():
            def inner():
                return 1
            return inner

        V = K * 2
        """,
        lender="from lent import f, K\nX = K + 1\n",
    )
    program.code.uninstall()
    monkeypatch.syspath_prepend(str(program.folder))
    import lender
    import lent

    for module in (lent, lender):
        program.code.adopt(module)
    live, closure, held = lent.A(), lent.make(), lent.f
    program.replace("lent", ("K = 2", "K = 3"), ("def g(self):\n        return 1", "def g(self):\n        return 2"))
    assert (held(), lent.V, lender.X, live.g(), closure()) == (3, 6, 4, 2, 1)
    program.replace("lent", ("def inner():\n        return 1", "def inner():\n        return 5"))
    assert closure() == 5
    program.replace("lent", ("class A:\n", "class A:\n    def n(self):\n        return 7\n\n"))
    assert live.n() == 7


def test_the_installed_code_is_shared_and_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [one for one in sys.meta_path if not isinstance(one, Code)])
    first = Code.shared()
    first.install()
    second = Code.shared()
    second.install()
    assert first is second
    first.release()
    assert Code.shared() is first
    second.release()
    assert first not in sys.meta_path
