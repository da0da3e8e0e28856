"""The command line: `hotloop ARGS` once installed, `python run_game.py ARGS` in a checkout.

This file only reads the arguments and hands over. What a command does is in `engine/commands_*.py`, imported when
that command is asked for, so that `--help` and a misspelt word answer at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from engine.errors import GameError, HotloopError, did_you_mean

HELP = """\
usage: hotloop [COMMAND] ...     in a checkout: python run_game.py [COMMAND] ...

[run] [GAME]    play a game by name or folder; the gallery when left out
  --headless            no window, no sound     --realtime    keep the tick rate
  --ticks N             stop after N ticks      --seed S      seed of Random
  --screenshot F[@T]    PNG, at tick T or end   --report F    JSON report
  --input F             scripted input          --no-reload   do not watch files
  --control FOLDER      open a control port     --paused      begin paused
  --with C=M            let module M implement contract C
  --replay F [--verify] play a run again        --record F    write down a run
new game|plugin|system NAME     make a working module, with a test
  --from GAME           copy an example         --in FOLDER   where to make it
check [PATH]    find what is wrong without playing; status 1 if there is any
list [GAME]     what there is; --report F: the systems of a run
graph [GAME]    what requires what
bench reload|kernels|ecs|frame|snapshot|games  measure beside budgets and peers
mcp GAME        let an agent see, change and prove the running game
--version, --help               hotloop COMMAND --help says more

examples:
  hotloop run asteroids         play, and edit examples/asteroids meanwhile
  hotloop new game mine         start a game of your own
  hotloop run mine --headless --ticks 600 --screenshot end.png
  hotloop check mine
"""

COMMANDS = ("run", "new", "check", "list", "graph", "bench", "mcp")
SUITES = ("reload", "kernels", "ecs", "frame", "snapshot", "games")


class Parser(argparse.ArgumentParser):
    """A parser that raises instead of exiting, and guesses what a misspelt option should have been."""

    def error(self, message: str) -> NoReturn:
        """Raise the message as the error every other bad input gives."""
        known = [option for action in self._actions for option in action.option_strings]
        guess = ""
        if found := re.match(r"unrecognized arguments: (\S+)", message):
            guess = did_you_mean(found[1].partition("=")[0], known)
            message = f"unknown argument {found[1]!r}"
        elif found := re.match(r"argument \w+: invalid choice: '(.*?)' \(choose from (.*)\)", message):
            words = re.findall(r"\w+", found[2])
            guess = did_you_mean(found[1], words) or f"choose from {', '.join(words)}"
            message = f"unknown word {found[1]!r}"
        raise HotloopError(message, remedy=guess or f"see `{self.prog} --help`")


def whole(text: str) -> int:
    """Read a whole number of at least zero."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 0")
    return number


def choice(text: str) -> tuple[str, str]:
    """Read `core.render=systems.null_render`."""
    contract, equals, implementation = text.partition("=")
    if not (contract and equals and implementation):
        raise argparse.ArgumentTypeError(f"{text!r} is not CONTRACT=MODULE, like core.render=systems.null_render")
    return contract, implementation


OTHER_PICTURES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".tga", ".tif", ".tiff", ".webp"})
"""Endings of pictures that are no PNG."""


def shot(text: str) -> tuple[Path, int | None]:
    """Read `picture.png` or `picture.png@120`."""
    found = re.fullmatch(r"(.+?)(?:@(\d+))?", text, re.DOTALL)
    if not found or text.endswith("@"):
        raise argparse.ArgumentTypeError(f"{text!r} is not FILE or FILE@TICK")
    path = Path(found[1])
    if path.suffix.lower() in OTHER_PICTURES:
        raise argparse.ArgumentTypeError(f"pictures are written as PNG; call it {path.with_suffix('.png')}")
    return path, None if found[2] is None else int(found[2])


def run_parser() -> Parser:
    """Describe `hotloop run`."""
    parser = Parser("hotloop run", description="Run a game; its files may be edited meanwhile.", allow_abbrev=False)
    add = parser.add_argument
    add("game", nargs="*", metavar="GAME", help="name or folder of a game; the gallery when left out")
    add("--headless", action="store_true", help="no window, no sound; pictures are drawn only when asked for")
    add(
        "--ticks",
        type=whole,
        metavar="N",
        help="stop after N ticks, run as fast as they go, deaf to keys, mouse and gamepad",
    )
    add("--realtime", action="store_true", help="keep the tick rate, also with --headless or --ticks")
    add("--seed", type=whole, default=0, metavar="S", help="seed of Random (default 0)")
    add("--with", dest="choose", type=choice, action="append", default=[], metavar="C=M",
        help="let module M implement contract C; may be given again")  # fmt: skip
    add("--screenshot", type=shot, metavar="F[@T]", help="write a PNG after tick T, or at the end")
    add("--report", type=Path, metavar="F", help="write a JSON report after every verdict and at the end")
    add("--input", type=Path, metavar="F", help="scripted input: JSON lines or a list of [tick, event]")
    add("--control", type=Path, metavar="FOLDER",
        help="let programs of yours reach the running game through a port in this folder (docs/agents.md)")  # fmt: skip
    add("--paused", action="store_true", help="begin paused")
    add("--record", type=Path, metavar="F", help="write down the run, so that it can be played again")
    add("--replay", type=Path, metavar="F", help="play a recorded run again; its game when GAME is left out")
    add("--verify", action="store_true",
        help="with --replay: compare the world after every tick, at full speed; status 1 if it differs")  # fmt: skip
    add("--no-reload", dest="reload", action="store_false", help="do not watch the files")
    return parser


def new_parser() -> Parser:
    """Describe `hotloop new`."""
    parser = Parser("hotloop new", description="Make a working module, with a test.", allow_abbrev=False)
    add = parser.add_argument
    add("kind", choices=("game", "plugin", "system"), help="what to make; a system comes with its contract")
    add("name", metavar="NAME", help="name of the module, and of its folder")
    add("--from", dest="source", metavar="GAME", help="copy this game, plugin or system instead of the template")
    add("--in", dest="folder", type=Path, metavar="FOLDER",
        help="game: the folder to make it in; plugin, system: the game it is for (default: here)")  # fmt: skip
    return parser


def check_parser() -> Parser:
    """Describe `hotloop check`."""
    parser = Parser(
        "hotloop check",
        description="Resolve manifests, load every file in another process, check systems and imports.",
        allow_abbrev=False,
    )
    parser.add_argument("path", nargs="?", metavar="PATH", help="game folder or name; all there is when left out")
    return parser


def list_parser(command: str) -> Parser:
    """Describe `hotloop list` or `hotloop graph`."""
    says = {"list": "Print the modules there are.", "graph": "Print what requires what, in load order."}
    parser = Parser(f"hotloop {command}", description=says[command], allow_abbrev=False)
    parser.add_argument("game", nargs="?", metavar="GAME", help="a game by name or folder, with its own modules")
    if command == "list":
        says_report = "list the systems of a run instead: version, calls and time of each, from its report"
        parser.add_argument("--report", type=Path, metavar="F", help=says_report)
    return parser


def run(arguments: Sequence[str]) -> int:
    """Run a game; the arguments may still begin with the word `run`, or lack it."""
    options = run_parser().parse_intermixed_args(list(arguments))
    words: list[str] = options.game[1:] if options.game[:1] == ["run"] else options.game
    guess = did_you_mean(words[0], COMMANDS) if words else ""
    if len(words) > 1:
        raise HotloopError(
            f"one game at a time, not {len(words)}", why=" ".join(words), remedy=guess or "see `hotloop --help`"
        )
    options.game = words[0] if words else None
    from engine.commands_run import run as command

    try:
        return command(options)
    except GameError as error:
        # Only the resolver of names knows the games; only this file knows the commands.
        if guess and getattr(error, "game", None) == options.game:
            raise HotloopError(f"there is no game or command {options.game!r}", remedy=guess) from error
        raise


def new(arguments: Sequence[str]) -> int:
    """Make a module from a template."""
    options = new_parser().parse_args(arguments)
    from engine.commands_new import new as command

    return command(options.kind, options.name, source=options.source, folder=options.folder)


def check(arguments: Sequence[str]) -> int:
    """Report what is wrong with a game or with all modules."""
    options = check_parser().parse_args(arguments)
    from engine.commands_check import check as command

    return command(options.path)


def listing(arguments: Sequence[str]) -> int:
    """Print the modules."""
    options = list_parser("list").parse_args(arguments)
    from engine.commands_list import list_modules

    return list_modules(options.game, options.report)


def graph(arguments: Sequence[str]) -> int:
    """Print who requires whom."""
    options = list_parser("graph").parse_args(arguments)
    from engine.commands_list import print_graph

    return print_graph(options.game)


def bench_parser() -> Parser:
    """Describe `hotloop bench`."""
    says = "Measure on this machine; exit status 1 if a budget or target is missed."
    parser = Parser("hotloop bench", description=says, allow_abbrev=False)
    add = parser.add_argument
    add("suite", nargs="?", choices=SUITES, default="reload", help="what to measure (default reload)")
    add("cases", nargs="*", metavar="CASE", help="only these cases, or of games only these")
    add("--quick", action="store_true", help="small sizes only")
    add("--peers", default="", metavar="A,B", help="compare with these only (default: all that are installed)")
    add("--charts", type=Path, metavar="FOLDER", help="draw the figures as SVG")
    add("--saves", type=whole, default=60, metavar="N", help="reload: saves in real time (default 60)")
    add("--soak", type=whole, default=0, metavar="N", help="reload: also N in a row, for what they leave behind")
    add("--json", type=Path, metavar="F", help="write the figures to a file")
    return parser


def bench(arguments: Sequence[str]) -> int:
    """Measure and print figures."""
    options = bench_parser().parse_intermixed_args(list(arguments))
    from engine.bench import command

    if options.suite == "reload":
        return command.bench_reload(options.saves, options.soak, options.json)
    if options.suite == "kernels":
        return command.bench_kernels(options.json)
    if options.suite == "games":
        return command.bench_games(options.cases, quick=options.quick, target=options.json)
    peers = [name for name in options.peers.split(",") if name]
    return command.bench_suite(
        options.suite, options.cases, peers, quick=options.quick, target=options.json, charts=options.charts
    )


def mcp_parser() -> Parser:
    """Describe `hotloop mcp`."""
    parser = Parser(
        "hotloop mcp",
        description="Serve a running game to agents (Model Context Protocol); whoever can call may run code as you.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("game", metavar="GAME", help="name or folder of a game")
    add("--headless", action="store_true", help="no window, no sound")
    add("--seed", type=whole, default=0, metavar="S", help="seed of Random (default 0)")
    add("--with", dest="groups", nargs="+", default=[], choices=("replay", "profile", "project"),
        help="further groups of tools")  # fmt: skip
    add("--http", type=whole, metavar="PORT", help="serve HTTP on this port instead of standard input; 0 takes any")
    add("--host", default="127.0.0.1", metavar="A", help="address to listen on (default 127.0.0.1)")
    add("--let-others-run-code", dest="public", action="store_true", help="allow addresses other machines can reach")
    add("--token-file", type=Path, metavar="F", help="where to put the token for HTTP")
    add("--install", action="store_true", help="only write .mcp.json here, for clients that start the server")
    return parser


def mcp(arguments: Sequence[str]) -> int:
    """Serve a game to agents."""
    options = mcp_parser().parse_args(arguments)
    from engine.commands_mcp import run as command

    return command(options, version())


def version() -> str:
    """Return the installed version, or `unknown` where nothing is installed."""
    from importlib import metadata

    try:
        return metadata.version("hotloop")
    except metadata.PackageNotFoundError:
        return "unknown"


def dispatch(arguments: Sequence[str]) -> int:
    """Find the command and run it. Whatever is not a command is an argument of `run`."""
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help", "help"):
        print(HELP, end="")
        return 0
    if first == "--version":
        print(f"hotloop {version()}")
        return 0
    if first in COMMANDS:
        command = {"run": run, "new": new, "check": check, "list": listing, "graph": graph, "bench": bench, "mcp": mcp}[
            first
        ]
        return command(arguments[1:])
    return run(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 1 for problems found, 2 for bad input."""
    try:
        return dispatch(sys.argv[1:] if arguments is None else arguments)
    except HotloopError as error:
        print(f"hotloop: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`hotloop list | head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
