"""The arguments of each tool, with what they mean: the schemas that clients see are made from these classes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_TOKENS = 10_000
OPERATIONS = """\
{"set": {"Rock.size": 1}, "where": "Position.x > 480"}; \
{"set": {"Velocity.x": {"expr": "Velocity.x / 2"}}, "entities": [4294967301]}; {"set": {"Game.lives": 5}}; \
{"spawn": {"Rock": {"size": 2}, "Position": {"x": 10, "y": 20}}, "count": 3}; \
{"insert": {"Spin": {"rate": 1}}, "where": ...}; {"remove": ["Spin"], "where": ...}; \
{"despawn": true, "where": "Rock.size == 2"}"""


class Arguments(BaseModel):
    """What every tool takes; an argument that is not declared is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)

    max_tokens: int = Field(2000, ge=200, le=MOST_TOKENS, description="Upper bound of the reply's length.")


class Paged(Arguments):
    """A tool whose reply may have a next page."""

    cursor: str = Field("", max_length=12, pattern=r"^\d*$", description="`next` of the reply before.")


class Nothing(Arguments):
    """Arguments of a tool that takes none of its own."""


class Query(Paged):
    """Arguments of `query`."""

    components: list[str] = Field([], max_length=5, description='Rows must have all of these: ["Rock", "Position"].')
    without: list[str] = Field([], max_length=8, description="Rows must have none of these.")
    where: str = Field("", max_length=1000, description='An expression by row: "Rock.size == 2 and Position.x > 480".')
    columns: list[str] = Field(
        [], max_length=20, description='Expressions to show, all fields if empty: ["hypot(Velocity.x, Velocity.y)"].'
    )
    aggregates: list[str] = Field(
        [], max_length=20, description='Over all matching rows: ["count(Rock)", "mean(Position.x)", "max(Velocity.x)"].'
    )
    sort: str = Field("", max_length=1000, description='An expression to sort by: "-Position.x" for largest first.')
    limit: int = Field(20, ge=0, le=10_000, description="Rows to show; 0 for aggregates only.")


class Observe(Arguments):
    """Arguments of `observe`."""

    want: list[Literal["image", "rows", "logs", "errors", "profile"]] = Field(
        ["image", "errors"], max_length=5, description="What to look at."
    )
    components: list[str] = Field([], max_length=5, description="For rows: those that have all of these.")
    where: str = Field("", max_length=1000, description="For rows: an expression, as in query.")
    limit: int = Field(10, ge=1, le=1_000, description="For rows: how many.")
    width: int = Field(640, ge=64, le=2048, description="Width of the image in pixels.")


class Screenshot(Arguments):
    """Arguments of `screenshot`."""

    width: int = Field(640, ge=64, le=2048, description="Width in pixels.")
    ids: bool = Field(False, description="Draw the numbers of entities and return their ids and places.")
    diff_to: int = Field(-1, ge=-1, description="Mark what differs from the picture of this earlier tick; -1: do not.")


class Schema(Paged):
    """Arguments of `schema`."""

    name: str = Field("", max_length=200, description="A component, event or resource; all in short if empty.")
    module: str = Field("", max_length=200, description='Only those of a module: "core.motion".')


class Edit(Arguments):
    """Arguments of `edit`."""

    operations: list[dict[str, Any]] = Field(min_length=1, max_length=100, description=f"Each one of: {OPERATIONS}.")
    dry_run: bool = Field(False, description="Only tell what it would do.")


class Modules(Paged):
    """Arguments of `modules`."""

    name: str = Field("", max_length=200, description="One module with its systems, times and files; all if empty.")


class SourceRead(Paged):
    """Arguments of `source_read`."""

    path: str = Field(max_length=300, description='"apps.asteroids/rocks.py": a module, then the file in its folder.')
    symbol: str = Field("", max_length=200, description="Only this function or class.")


class FileChange(BaseModel):
    """One file of a `source_write`: give `text`, or `old` and `new`, or `delete`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    path: str = Field(max_length=300, description='"apps.asteroids/rocks.py".')
    sha: str = Field(max_length=64, description="The sha it was read at; empty for a new file.")
    text: str = Field("", max_length=1_000_000, description="The whole new text.")
    old: str = Field("", max_length=100_000, description="Text to replace, found exactly once.")
    new: str = Field("", max_length=100_000, description="What replaces it.")
    delete: bool = Field(False, description="Delete the file.")


class SourceWrite(Arguments):
    """Arguments of `source_write`."""

    files: list[FileChange] = Field(min_length=1, max_length=50, description="Reloaded together, all or none.")
    probation: int = Field(30, ge=0, le=600, description="Ticks to run before the verdict; a failure rolls it back.")
    keep: bool = Field(False, description="Leave refused text on the disk instead of putting the former back.")


class Time(Arguments):
    """Arguments of `time`."""

    do: Literal["pause", "resume", "step", "run_until", "rewind"] = Field(
        description="step and run_until pause the game first; resume lets it run by itself."
    )
    ticks: int = Field(0, ge=0, le=36_000, description="step: how many, else 1; run_until: how many at most, else 600.")
    until: str = Field(
        "",
        max_length=1000,
        description='run_until: "count(Rock) == 0"; what is said of rows has to hold for every row.',
    )
    tick: int = Field(-1, ge=-1, description="rewind: the tick to go to, of about the last ten seconds.")


class Press(BaseModel):
    """One input: a key that is held, or a raw event."""

    model_config = ConfigDict(extra="forbid", strict=True)

    at: int = Field(0, ge=0, le=36_000, description="Ticks from now.")
    key: str = Field("", max_length=40, description='"space", "left", "a", "return".')
    hold: int = Field(1, ge=1, le=36_000, description="Ticks the key is held.")
    event: list[str | int | float] = Field(
        [], max_length=5, description='Instead of a key: ["button", "down", "left"], ["pointer", 480, 270].'
    )


class Input(Arguments):
    """Arguments of `input`."""

    events: list[Press] = Field(min_length=1, max_length=400)
    run: int = Field(60, ge=1, le=36_000, description="Ticks to run then.")
    until: str = Field("", max_length=1000, description="Stop earlier when this expression holds.")


class Errors(Paged):
    """Arguments of `errors`."""

    logs: int = Field(0, ge=0, le=500, description="Also the latest lines that the game's process has written.")


class Check(Arguments):
    """Arguments of `check`."""

    assertions: list[str] = Field(
        min_length=1,
        max_length=40,
        description='Must hold after every tick: ["abs(Velocity.x) < 200", "count(Ship) == 1"].',
    )
    ticks: int = Field(60, ge=0, le=36_000, description="Ticks to run the copy for.")
    events: list[Press] = Field([], max_length=400, description="Input for the copy.")


class Undo(Arguments):
    """Arguments of `undo`."""

    change_id: str = Field(max_length=20, description='"c3": this change and all later ones; see the replies.')


class Profile(Arguments):
    """Arguments of `profile`."""

    ticks: int = Field(
        120, ge=1, le=3_600, description="Ticks to run, on the game itself; the state is restored afterwards."
    )


class NewModule(Arguments):
    """Arguments of `new_module`."""

    kind: Literal["plugin", "system"] = Field(description="A system comes with its contract.")
    name: str = Field(max_length=40, pattern=r"^[a-z][a-z0-9_]*$")


class RunTests(Arguments):
    """Arguments of `run_tests`."""

    select: str = Field("", max_length=200, pattern=r"^(\w[\w ]*)?$", description="Only tests whose names match.")


class Api(Paged):
    """Arguments of `api`."""

    name: str = Field("", max_length=60, description="A public name of the engine; all with a line each if empty.")


class Process(Arguments):
    """Arguments of `game`."""

    do: Literal["start", "stop", "restart", "from_disk"] = Field(
        description="restart keeps the state; from_disk begins the game anew."
    )


class Record(Arguments):
    """Arguments of `record`."""

    do: Literal["start", "stop"] = Field(description="start begins a new recording at the next tick.")


class Replay(Arguments):
    """Arguments of `replay`."""

    verify: bool = Field(True, description="Compare the world's hash after every tick, and name what first differs.")
