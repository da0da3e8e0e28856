"""What `hotloop new` makes works at once: it passes the check and its own tests, also where one uses the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support import Run, bare_environment


def test_new_modules_pass_the_check_and_their_own_tests(hotloop: Run, tmp_path: Path) -> None:
    hotloop("new", "game", "trial")
    game = tmp_path / "trial"
    for kind, name in (("plugin", "glow"), ("system", "wind")):
        done = hotloop("new", kind, name, cwd=game)
        assert done.returncode == 0, done.stderr
    use_the_plugin(game)
    checked = hotloop("check", "trial")
    assert checked.stdout == "no problems in trial\n", checked.stdout + checked.stderr
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(game)]
    done = subprocess.run(command, cwd=tmp_path, env=bare_environment(), capture_output=True, text=True, check=False)
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def use_the_plugin(game: Path) -> None:
    """Let the game require and import its own plugin, which pytest could not import by itself, and grow an entity."""
    manifest = (game / "module.toml").read_text()
    (game / "module.toml").write_text(manifest.replace("requires = [", 'requires = ["plugins.glow~=0.1", '))
    source = (game / "__init__.py").read_text()
    source = source.replace("\n\n\n@component", "\nfrom modules.plugins.glow import Lifetime\n\n\n@component", 1)
    further = "Player(), Lifetime(60))\n    commands.spawn(Position(x=1, y=1))"
    (game / "__init__.py").write_text(source.replace("Player())", further))
