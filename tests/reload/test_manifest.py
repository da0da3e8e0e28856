"""What a `module.toml` may say, and that each mistake gets one message with its place and the remedy."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from engine.errors import ManifestError
from engine.reload.manifest import Manifest, parse_requirement


def read(folder: Path, text: str | bytes, name: str = "plugins.rain") -> Manifest:
    content = text.encode() if isinstance(text, str) else text
    (folder / "module.toml").write_bytes(content)
    return Manifest.read(folder, name)


def refused(folder: Path, text: str | bytes, name: str = "plugins.rain") -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        read(folder, text, name)
    assert caught.value.module == name  # type: ignore[attr-defined]
    assert str(folder / "module.toml") in str(caught.value)
    return caught.value


def test_all_five_keys(tmp_path: Path) -> None:
    manifest = read(
        tmp_path,
        """
version = "1.2.0"
summary = "Rain."
requires = ["core.render[sprites,points]~=1.0", "core.time"]
implements = ["core.window>=1,<3"]
[features]
wind = ["core.random~=1.0"]
thunder = []
""",
        "systems.rain",
    )
    assert (manifest.name, manifest.room, manifest.summary) == ("systems.rain", "systems", "Rain.")
    assert manifest.version == Version("1.2.0")
    first, second = manifest.requires
    assert (first.name, first.features, str(first)) == (
        "core.render",
        {"sprites", "points"},
        "core.render[sprites,points]~=1.0",
    )
    assert first.admits(Version("1.9"))
    assert not first.admits(Version("2.0"))
    assert second.admits(Version("0.0.1.dev3"))
    assert [r.name for r in manifest.features["wind"]] == ["core.random"]
    assert manifest.features["thunder"] == ()
    assert [r.name for r in manifest.all_requirements()] == ["core.render", "core.time", "core.window", "core.random"]


def test_only_a_version_is_needed(tmp_path: Path) -> None:
    manifest = read(tmp_path, 'version = "0.1.0"')
    assert (manifest.summary, manifest.requires, manifest.implements, manifest.features) == ("", (), (), {})


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    manifest = read(tmp_path, b'\xef\xbb\xbfversion = "1.0"\r\nsummary = """a\r\nb"""\r\n')
    assert manifest.summary == "a\nb"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('version = "1.0"\nrequire = []', 2, "unknown key 'require'; did you mean 'requires'?"),
        ('version = "1.0"\nzzz = 1', 2, "the keys are version, summary, requires, implements, features"),
        ('version = "one"', 1, "version 'one' is no version"),
        ("version = 1.0", 1, "version is not a string: it holds 1.0 (float)"),
        ('version = "1.0"\nsummary = 3', 2, "summary is not a string"),
        ('version = "1.0"\nrequires = "core.time"', 2, "requires is not a list of strings"),
        ('version = "1.0"\nrequires = [\n  3,\n]', 2, "requires is not a list of strings"),
        (
            'version = "1.0"\nrequires = [\n  "core.time",\n  "core.time=1.0",\n]',
            4,
            "'core.time=1.0' is not a requirement",
        ),
        ('version = "1.0"\nrequires = ["plugin.time"]', 2, "there is no room 'plugin'; did you mean 'plugins'?"),
        ('version = "1.0"\nrequires = ["core"]', 2, "'core' is not ROOM.NAME"),
        ('version = "1.0"\nrequires = ["core.a.b"]', 2, "'core.a.b' is not ROOM.NAME"),
        ('version = "1.0"\nrequires = ["core.a-b"]', 2, "is not ROOM.NAME"),
        ('version = "1.0"\nrequires = ["core.a; os_name == \'nt\'"]', 2, "has a condition"),
        ('version = "1.0"\nrequires = ["core.a @ https://x.invalid/a"]', 2, "has an address"),
        ('version = "1.0"\nrequires = ["plugins.rain"]', 2, "plugins.rain names itself"),
        ('version = "1.0"\nimplements = ["core.render"]', 2, "only modules in the room 'systems' implement"),
        ('version = "1.0"\nfeatures = ["wind"]', 2, "features is not a table"),
        ('version = "1.0"\n[features]\nwind = "core.time"', 3, "wind is not a list of strings"),
        ('version = "1.0"\n[features]\n"wi nd" = []', 3, "'wi nd' is no name for a feature"),
        ('version = "1.0"\n[features]\nwind = ["cor.time"]', 3, "did you mean 'core'?"),
        ('version = "1.0"\nsummary = "open', 2, "is not valid TOML"),
        ('version = "1.0"\nversion = "1.0"', 2, "is not valid TOML"),
        ('version = "1.0"\n\nsummary = [', 3, "is not valid TOML"),
    ],
)
def test_each_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    error = refused(tmp_path, text)
    assert error.line == line  # type: ignore[attr-defined]
    assert f"{tmp_path / 'module.toml'}:{line}: " in str(error)
    assert said in str(error)
    assert error.remedy
    assert "\n" not in str(error)


def test_a_version_is_missing(tmp_path: Path) -> None:
    assert "has no version; add a line such as" in str(refused(tmp_path, 'summary = "x"'))
    assert "has no version" in str(refused(tmp_path, ""))


def test_only_core_modules_are_contracts(tmp_path: Path) -> None:
    error = refused(tmp_path, 'version = "1"\nimplements = ["plugins.rain"]', "systems.rain")
    assert "plugins.rain is no contract" in str(error)


def test_not_utf_8(tmp_path: Path) -> None:
    error = refused(tmp_path, b'version = "1.0"\nsummary = "caf\xe9"\n')
    assert "module.toml:2: is not UTF-8: byte 0xe9; save the file as UTF-8" in str(error)


def test_missing_manifest_and_missing_folder(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(ManifestError, match=r"there is no module\.toml") as caught:
            Manifest.read(folder, "plugins.rain")
        assert str(folder) in str(caught.value)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "module.toml").mkdir()
    with pytest.raises(ManifestError, match="is not a file"):
        Manifest.read(tmp_path, "plugins.rain")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_its_place_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "module.toml")
    with pytest.raises(ManifestError, match="is not a file"):
        Manifest.read(tmp_path, "plugins.rain")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "module.toml").write_text('version = "1"')
    (tmp_path / "module.toml").chmod(0)
    with pytest.raises(ManifestError, match="cannot be read: Permission denied"):
        Manifest.read(tmp_path, "plugins.rain")


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "module.toml").write_text('version = "1"')

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ManifestError, match="cannot be read: Permission denied; check the file's permissions"):
        Manifest.read(tmp_path, "plugins.rain")


def test_a_requirement_is_read_alone() -> None:
    assert parse_requirement(" core.render[a] ~=1.0 ").text == "core.render[a] ~=1.0"
    with pytest.raises(ManifestError, match="is not a requirement"):
        parse_requirement("")
