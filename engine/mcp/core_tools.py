"""The core tools: look at the game, change it, steer its time, prove that a change works."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from engine.errors import GameError, HotloopError
from engine.mcp import arguments as given
from engine.mcp import pictures
from engine.mcp.session import Change, Session
from engine.mcp.texts import CHARACTERS_A_TOKEN, page, rounded, tame

Reply = dict[str, Any]

PATIENT_TICKS = 600
"""How many ticks are run at most until something holds, unless asked otherwise."""


@dataclass
class Answer:
    """What a tool returns: a reply, and pictures as PNG."""

    reply: Reply
    images: list[bytes] = field(default_factory=list)


def room(asked: given.Arguments) -> int:
    """Return how many characters a reply may have, leaving some for what every reply carries."""
    return asked.max_tokens * CHARACTERS_A_TOKEN - 300


def offset(asked: given.Paged) -> int:
    """Return where a page begins."""
    return int(asked.cursor or 0)


# ---------------------------------------------------------------------- looking


def status(session: Session, asked: given.Nothing) -> Answer:
    """Tell how the game is: process, tick, pace, errors, modules, and what to do next. Answers while the game hangs."""
    game = session.game
    reply: Reply = {"game": game.name, "process": game.how_it_ended if game.process else "not started"}
    if not game.runs:
        reply["next"] = "any other tool starts the game" if game.wanted else "call game with start"
        reply["output"] = [tame(line) for line in list(game.output)[-10:]]
        return Answer(reply)
    try:
        told = game.emergency("control.status")
    except HotloopError as error:
        stack = [tame(line.strip()) for line in game.dumped_stack()]
        return Answer({**reply, "pid": game.pid, "hangs": True, "why": str(error), "stack": stack[:40]})
    reply |= {name: told[name] for name in ("pid", "headless", "hangs", "running", "working_on", "broken")}
    if told["hangs"]:
        reply["silent_seconds"] = told["silent_seconds"]
        reply["stack"] = [tame(line.strip()) for line in game.emergency("control.stack")[-8:]]
        reply["next"] = "a system that never ends is interrupted by itself; if not, call game with restart"
    elif session.lock.acquire(timeout=1.0):
        try:
            reply |= _calm_status(session)
        finally:
            session.lock.release()
    return Answer(reply)


def _calm_status(session: Session) -> Reply:
    app = session.call("core.app.status")
    errors = session.call("control.errors")
    time = session.call("time.status")
    modules = session.call("core.modules.list")
    paused = [row["system"] for row in errors["paused_systems"]]
    watching = app["watching"] or {}
    return {
        "hash": session.call("control.hash"),
        "entities": app["entities"],
        "frame_ms": session.call("control.pace"),
        "modules": len(modules),
        "paused_systems": paused,
        "errors": len(errors["notices"]),
        "rewind_to": [time["first"], time["last"]],
        "watching": watching.get("degraded") or watching.get("mode"),
        "changes": [change.id for change in session.changes],
        "next": "call errors" if paused or errors["notices"] else "observe, or query, then change something",
    }


def observe(session: Session, asked: given.Observe) -> Answer:
    """Look with several senses at one and the same tick: image, rows of a query, logs, errors, times of systems."""
    asks: dict[str, tuple[str, Reply]] = {"errors": ("control.errors", {}), "profile": ("control.modules", {})}
    asks["image"] = ("control.picture", {})
    if "rows" in asked.want:
        if not asked.components and not asked.where:
            raise GameError("which rows?", remedy='give components: ["Rock"], or where: "Rock.size == 2"')
        asks["rows"] = ("control.query", {name: getattr(asked, name) for name in ("components", "where", "limit")})
    wanted = [want for want in asked.want if want in asks]
    found = dict(zip(wanted, session.call("control.several", calls=[asks[want] for want in wanted]), strict=True))
    reply: Reply = {}
    images = []
    for want, told in found.items():
        if isinstance(told, dict) and "error" in told:
            reply[want] = told
        elif want == "image":
            images.append(pictures.png(pictures.scaled(told["picture"], asked.width)))
        elif want == "rows":
            reply["rows"] = _rows(told)
        elif want == "errors":
            reply["errors"] = [_notice(session, one) for one in reversed(told["notices"])]
        else:
            systems = [one for module in told for one in module["systems"]]
            slowest = sorted(systems, key=lambda one: -one["ms"])[:12]
            reply["profile"] = [[one["name"], one["ms"]] for one in slowest]
    if "logs" in asked.want:
        reply["logs"] = list(session.game.output)[-40:]
    return Answer(reply, images)


def screenshot(session: Session, asked: given.Screenshot) -> Answer:
    """Show the picture of the present tick; on request with numbered entities, or what differs from an earlier tick."""
    told = session.call("control.picture", ids=asked.ids)
    if asked.diff_to >= 0:
        then = session.call("control.picture_at", tick=asked.diff_to)["picture"]
        image, reply = pictures.difference(told["picture"], then, asked.width)
    else:
        image, reply = pictures.scaled(told["picture"], asked.width), {}
    if asked.ids:
        rows = pictures.label(image, told["picture"], told["places"])
        hidden = len(told["places"]["entity"]) - len(rows)
        reply |= {"labels": ["number", "entity", "x", "y"], "entities": rows, "not_labelled": hidden}
    return Answer({"width": image.width, "height": image.height, **reply}, [pictures.png(image)])


def schema(session: Session, asked: given.Schema) -> Answer:
    """Describe a component, event or resource: fields, default, example, and the systems that read and write each."""
    if asked.name:
        return Answer(rounded(session.call("control.schema", name=asked.name)))
    rows = session.call("control.schema", module=asked.module)
    short = [[one["name"], one["kind"], one.get("rows"), " ".join(one["fields"])] for one in rows]
    start = offset(asked)
    return Answer(page({"columns": ["name", "kind", "rows", "fields"]}, "schemas", short[start:], start, room(asked)))


def query(session: Session, asked: given.Query) -> Answer:
    """Ask for rows: filter by an expression, aggregate over all that match, sort, show some."""
    told = session.call("control.query", **_query_arguments(asked))
    start = offset(asked)
    table = _rows(told)
    reply: Reply = {name: table[name] for name in ("matching", "aggregates", "not_finite", "columns") if name in table}
    reply = page(reply, "rows", table["rows"], start, room(asked))
    shown = start + len(reply["rows"])
    if "next" not in reply and reply["rows"] and shown < told["matching"]:
        reply["next"] = str(shown)
    return Answer(reply)


def _query_arguments(asked: given.Query) -> Reply:
    names = ("components", "without", "where", "columns", "aggregates", "limit")
    found: Reply = {name: getattr(asked, name) for name in names}
    descending = asked.sort.startswith("-")
    return found | {"sort": asked.sort.removeprefix("-"), "descending": descending, "offset": offset(asked)}


def _rows(told: Reply) -> Reply:
    """Turn columns into rows, which take less room."""
    columns = told.pop("columns")
    lists = [column.tolist() if hasattr(column, "tolist") else column for column in columns.values()]
    rows = [list(row) for row in zip(*lists, strict=True)]
    reply = {name: value for name, value in told.items() if value or name == "matching"}
    return rounded({**reply, "columns": list(columns), "rows": rows})  # type: ignore[no-any-return]


def modules(session: Session, asked: given.Modules) -> Answer:
    """List modules with version and state; one module with its systems in order, their times, and its source files."""
    rows = session.call("control.modules")
    start = offset(asked)
    if not asked.name:
        short = [[row["name"], row["version"], row["state"], len(row["systems"])] for row in rows]
        reply: Reply = {"columns": ["name", "version", "state", "systems"]}
        return Answer(page(reply, "modules", short[start:], start, room(asked)))
    found = [row for row in rows if row["name"] == asked.name]
    if not found:
        raise GameError(f"there is no module {asked.name!r}", remedy="known are: " + ", ".join(r["name"] for r in rows))
    row = found[0]
    files = session.call("control.files", module=asked.name)
    reply = {name: row[name] for name in ("name", "version", "state", "requires")} | {"files": files}
    return Answer(page(reply, "systems", row["systems"][start:], start, room(asked)))


def source_read(session: Session, asked: given.SourceRead) -> Answer:
    """Read a source file, or one function or class of it, with the sha that source_write needs."""
    told = session.call("control.read", path=asked.path)
    lines = told["text"].split("\n")
    first, last = 1, len(lines)
    if asked.symbol:
        first, last = _lines_of(told["text"], asked.symbol, asked.path)
    start = max(offset(asked), first - 1)
    reply: Reply = {"path": asked.path, "sha": told["sha"], "line": start + 1, "of": len(lines)}
    reply = page(reply, "lines", lines[start:last], start, room(asked))
    reply["text"] = "\n".join(reply.pop("lines"))
    return Answer(reply)


def _lines_of(text: str, symbol: str, path: str) -> tuple[int, int]:
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise GameError(f"{path} cannot be parsed", why=str(error), remedy="read it without symbol") from error
    known = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            begin = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            known[node.name] = (begin, node.end_lineno or begin)
    if symbol not in known:
        raise GameError(f"{path} has no function or class {symbol!r}", remedy=f"there are: {', '.join(known)}")
    return known[symbol]


def errors(session: Session, asked: given.Errors) -> Answer:
    """List what went wrong, each thing once with its count, and the last change made before it; latest first."""
    told = session.call("control.errors")
    start = offset(asked)
    reply: Reply = {}
    if told["paused_systems"]:
        reply["paused_systems"] = [{**row, "error": tame(row["error"])} for row in told["paused_systems"]]
    if asked.logs:
        reply["game_output"] = list(session.game.output)[-asked.logs :]
    notices = [_notice(session, one) for one in reversed(told["notices"])]
    return Answer(page(reply, "errors", notices[start:], start, room(asked)))


def _notice(session: Session, notice: Reply) -> Reply:
    told: Reply = {
        "text": tame(notice["text"], 500),
        "count": notice["count"],
        "ticks": [notice["first"], notice["last"]],
    }
    if notice["file"]:
        told["at"] = f"{notice['file']}:{notice['line']}"
    blamed = session.blame(notice["began"], session.game.starts)
    return told | ({"after_change": blamed} if blamed else {})


# ---------------------------------------------------------------------- changing


def edit(session: Session, asked: given.Edit) -> Answer:
    """Change entities and resources: a batch of operations, all or none; undoable."""
    if asked.dry_run:
        return Answer(
            {"dry_run": True, "done": session.call("control.edit", operations=asked.operations, dry_run=True)}
        )
    with session.change(f"edit: {len(asked.operations)} operations") as change:
        done = session.call("control.edit", operations=asked.operations)
    return Answer({"change_id": change.id, "done": rounded(done)})


def source_write(session: Session, asked: given.SourceWrite) -> Answer:
    """Write source files and reload them into the running game; answers with the verdict after some ticks of probation.

    A refused edit never ran; one that fails within the ticks is rolled back. Both leave files and world as they were.
    """
    files = [
        one.model_dump(include=one.model_fields_set - (set() if one.delete else {"delete"})) for one in asked.files
    ]
    names = [one.path for one in asked.files]
    refused: Reply = {}
    try:
        with session.change(f"source_write: {', '.join(names)}") as change:
            session.note_sources(change, names)
            told = session.write(files, asked.probation, asked.keep)
            if told["files"] != "as before":
                change.sources = {name: (change.sources[name][0], sha) for name, sha in told["files"].items()}
            if told["outcome"] in ("refused", "rolled back", "unchanged"):
                refused = told
                _put_back(session, change, told, keep=asked.keep)
                raise _NothingChanged
    except _NothingChanged:
        return Answer(refused)
    return Answer({"change_id": change.id, **told})


def _put_back(session: Session, change: Change, told: Reply, *, keep: bool) -> None:
    """Let files and world be as they were before an edit that does not run."""
    if told["files"] != "as before" and not keep:  # one of the engine, which was tried elsewhere
        session.call("control.write", files=session.former([change]), probation=0)
        told["files"] = "as before"
    if told["outcome"] == "rolled back":
        session.call("control.load", name=change.state)


class _NothingChanged(Exception):
    """An edit did not come to run, so that there is nothing to undo."""


def undo(session: Session, asked: given.Undo) -> Answer:
    """Undo a change and all later ones, of code and state alike: the game is where it was before."""
    return Answer(session.undo(asked.change_id))


# ---------------------------------------------------------------------- time


def time(session: Session, asked: given.Time) -> Answer:
    """Pause, resume, step ticks, run until an expression holds, or rewind; answers with what changed meanwhile."""
    if asked.do in ("pause", "resume"):
        session.call(f"time.{asked.do}")
        if asked.do == "pause":
            session.game.keep()
        return Answer({})
    if asked.do == "rewind":
        if asked.tick < 0:
            raise GameError("rewind to which tick?", remedy="give tick; status tells which are kept")
        with session.change(f"rewind to {asked.tick}") as change:
            told = session.call("time.rewind", tick=asked.tick)
        return Answer({"change_id": change.id, **told})
    if asked.do == "run_until" and not asked.until:
        raise GameError("run until what?", remedy='give until: "count(Rock) == 0"')
    if asked.do == "step":
        ticks = asked.ticks or 1
        return _run(session, f"step {ticks}", ticks=ticks, until="", inputs=[])
    return _run(session, f"run until {asked.until}", ticks=asked.ticks or PATIENT_TICKS, until=asked.until, inputs=[])


def input_(session: Session, asked: given.Input) -> Answer:
    """Press keys or send raw input at exact ticks, then run; answers with what changed meanwhile."""
    pairs = presses(asked.events)
    return _run(session, f"input: {len(pairs)} events", ticks=asked.run, until=asked.until, inputs=pairs)


def _run(session: Session, what: str, **how: Any) -> Answer:
    with session.change(what) as change:
        told = session.call("control.run", **how)
    return Answer({"change_id": change.id, **rounded(told)})


def presses(events: list[given.Press]) -> list[list[Any]]:
    """Return pairs of ticks from now and raw event."""
    pairs: list[list[Any]] = []
    for one in events:
        if bool(one.key) == bool(one.event):
            raise GameError("an input is a key or an event", remedy='give {"at": 0, "key": "space", "hold": 5}')
        if one.key:
            pairs += [[one.at, ["key", "down", one.key]], [one.at + one.hold, ["key", "up", one.key]]]
        else:
            pairs.append([one.at, list(one.event)])
    return pairs


def check(session: Session, asked: given.Check) -> Answer:
    """Run a copy of the world for some ticks and test assertions after each; the game itself stays as it is."""
    told = session.call("control.check", assertions=asked.assertions, ticks=asked.ticks, inputs=presses(asked.events))
    passed = all(one["holds"] for one in told["assertions"])
    return Answer({"passed": passed and not told["faults"], **told})
