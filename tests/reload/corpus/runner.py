"""Run the edit corpus: small programs that are edited while they run, with probes that hold live objects.

    python runner.py                       every case with every adapter
    python runner.py -a direct -c class/   some adapters, some cases (by a part of the name); -v lists failures
    python runner.py --list                what there is
    python runner.py --unpack CASE FOLDER  write a case out as plain files

Each pair of case and adapter runs in a process and folder of its own. `README.md` describes cases and adapters.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE / "cases", HERE / "more")


class Case:
    """A `.case` file: headers, then sections that begin with `--- KIND ...`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.relative_to(HERE).with_suffix("").as_posix().removeprefix("cases/")
        self.group = self.id.split("/")[-2]
        self.title = ""
        self.tags: set[str] = set()
        self.python = (3, 11)
        self.files: dict[str, str] = {}
        self.edits: dict[str, list[tuple[str, str | None]]] = {}
        self.probe, self.probe_line = "", 0
        section: list[str] = []
        body: list[str] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True), 1):
            if line.startswith("--- "):
                self._close(section, "".join(body))
                section, body = line[4:].split(), []
                if section[0] == "probe":
                    self.probe_line = number
            elif section:
                body.append(line)
            else:
                key, _, value = line.partition(":")
                if key == "title":
                    self.title = value.strip()
                elif key == "tags":
                    self.tags = set(value.split())
                elif key == "python":
                    major, minor = value.split(".")
                    self.python = (int(major), int(minor))
        self._close(section, "".join(body))

    def _close(self, section: Sequence[str], text: str) -> None:
        match section:
            case ["file", path]:
                self.files[path] = text
            case ["edit", name, path]:
                self.edits.setdefault(name, []).append((path, text))
            case ["delete", name, path]:
                self.edits.setdefault(name, []).append((path, None))
            case ["probe"]:
                self.probe = text
            case []:
                pass
            case _:
                raise ValueError(f"{self.path}: unknown section {section}")


def case_of(name: str) -> Case:
    """Return the case of this name."""
    return Case(next(path for folder in (HERE, HERE / "cases") if (path := folder / f"{name}.case").exists()))


def all_cases(parts: Iterable[str] = ()) -> list[Case]:
    """Return the cases that this Python can read and whose names contain one of the parts; all of them for none."""
    wanted = list(parts)
    cases = [Case(path) for folder in FOLDERS for path in sorted(folder.rglob("*.case"))]
    cases = [case for case in cases if sys.version_info >= case.python]
    return [case for case in cases if not wanted or any(part in case.id for part in wanted)]


# -------------------------------------------------------------------- what an adapter sees


class Batch:
    """One save: absolute paths in the order in which they were written."""

    def __init__(self, root: Path, changed: list[Path], created: list[Path], deleted: list[Path]) -> None:
        self.root, self.changed, self.created, self.deleted = root, changed, created, deleted

    @property
    def written(self) -> list[Path]:
        """The files that have content now."""
        return self.changed + self.created


class Report:
    """What the reloader said about one batch."""

    def __init__(self, errors: Iterable[object] = ()) -> None:
        self.errors = [e if isinstance(e, str) else f"{type(e).__name__}: {e}" for e in errors]

    @property
    def ok(self) -> bool:
        """Tell whether everything is live."""
        return not self.errors


class Adapter:
    """How a reloader is driven. `only` is a set of case names, None for all."""

    name = "?"
    only: set[str] | None = None

    @classmethod
    def unavailable(cls) -> str | None:
        """Return why this cannot run here."""
        return None

    def transform(self, relative: str, text: str) -> str:
        """Return the source as it is written to disk."""
        return text

    def start(self, root: Path) -> None:
        """Begin; nothing of the case is imported yet."""

    def settle(self) -> None:
        """End a frame; files are written next."""

    def reload(self, batch: Batch) -> Report | None:
        """Make a save effective, as at the next frame boundary."""
        raise NotImplementedError

    def stop(self) -> None:
        """End."""


def adapter_files() -> dict[str, Path]:
    """Return the file of each adapter, by the `# adapters:` line at its top."""
    found = {}
    for path in sorted((HERE / "adapters").glob("[!_]*.py")):
        names = re.search(r"^# adapters: (.*)$", path.read_text(encoding="utf-8"), re.M)
        found.update(dict.fromkeys(names[1].split() if names else [], path))
    return found


def load_adapter(name: str) -> type[Adapter]:
    """Import an adapter."""
    spec = importlib.util.spec_from_file_location("adapter_" + name.replace("-", "_"), adapter_files()[name])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("runner", sys.modules[__name__])
    spec.loader.exec_module(module)
    adapter: type[Adapter] = module.ADAPTERS[name]
    return adapter


# -------------------------------------------------------------------- what a probe sees


class Probe:
    """The object named `t` in a probe."""

    def __init__(self, case: Case, adapter: Adapter, root: Path) -> None:
        self.case, self.adapter, self.root = case, adapter, root
        self.fails: list[str] = []
        self.notes: dict[str, bool] = {}
        self.checks = 0
        self.reports: list[list[str]] = []
        self.last = Report()
        self.clock = int(time.time()) - 20_000  # saves get times 100 s apart, as if a person typed

    def place(self, relative: str, text: str, mtime: float, how: str = "write", newline: str = "\n") -> None:
        """Write a file in one of the ways of editors."""
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        data = self.adapter.transform(relative, text).replace("\n", newline).encode("utf-8")
        if how == "replace":
            other = path.with_name(path.name + ".tmp~")
            other.write_bytes(data)
            os.utime(other, (mtime, mtime))
            os.replace(other, path)
        else:
            if how == "backup" and path.exists():
                os.replace(path, path.with_name(path.name + "~"))
            path.write_bytes(data)
        os.utime(path, (mtime, mtime))

    def edit(self, name: str, mtime: str = "later", how: str = "write", newline: str = "\n") -> Report:
        """Save the named batch and let the reloader take it."""
        self.adapter.settle()
        self.clock += 100
        changed: list[Path] = []
        created: list[Path] = []
        deleted: list[Path] = []
        for relative, text in self.case.edits[name]:
            path = self.root / relative
            if text is None:
                path.unlink()
                deleted.append(path)
                continue
            stamp: float = self.clock
            if mtime != "later":
                stamp = path.stat().st_mtime - (500 if mtime == "older" else 0)
            (changed if path.exists() else created).append(path)
            self.place(relative, text, stamp, how, newline)
        try:
            self.last = self.adapter.reload(Batch(self.root, changed, created, deleted)) or Report()
        except (SystemExit, KeyboardInterrupt) as error:
            self.fails.append(f"the reload ended the process: {error!r}")
            self.last = Report([error])
        self.reports.append(self.last.errors)
        return self.last

    def _judge(self, label: str, good: bool, returned: bool, got: object) -> None:
        self.checks += 1
        if not good:
            self.fails.append(f"{label} [{'got ' + _shown(got) if returned else got}]")

    def _get(self, function: Callable[[], object]) -> tuple[bool, object]:
        try:
            return True, function()
        except BaseException as error:
            return False, f"{type(error).__name__}: {str(error)[:120]}"

    def eq(self, label: str, function: Callable[[], object], want: object) -> None:
        """Demand a value."""
        returned, got = self._get(function)
        self._judge(label, returned and got == want, returned, got)

    def true(self, label: str, function: Callable[[], object]) -> None:
        """Demand a true value."""
        returned, got = self._get(function)
        self._judge(label, returned and bool(got), returned, got)

    def false(self, label: str, function: Callable[[], object]) -> None:
        """Demand a false value."""
        returned, got = self._get(function)
        self._judge(label, returned and not got, returned, got)

    def raises(self, label: str, kind: type[BaseException], function: Callable[[], object]) -> None:
        """Demand an exception."""
        self.checks += 1
        try:
            got = function()
        except kind:
            return
        except BaseException as error:
            self.fails.append(f"{label} [{type(error).__name__}: {error}]")
        else:
            self.fails.append(f"{label} [no exception, got {_shown(got)}]")

    def soft(self, label: str, function: Callable[[], object]) -> None:
        """Note something that does not decide."""
        returned, got = self._get(function)
        self.notes[label] = returned and bool(got)


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:
        return f"a value whose repr raises {type(error).__name__}"


# -------------------------------------------------------------------- running


def run_here(case: Case, adapter_class: type[Adapter], folder: Path) -> dict[str, Any]:
    """Run one pair in this process, which is good for nothing else afterwards."""
    root = folder.resolve()
    os.chdir(root)
    sys.path.insert(0, str(root))
    adapter = adapter_class()
    probe = Probe(case, adapter, root)
    for relative, text in case.files.items():
        probe.place(relative, text, probe.clock)
    crash = None
    begin = time.perf_counter()
    try:
        adapter.start(root)
        code = compile("\n" * case.probe_line + case.probe, str(case.path), "exec", dont_inherit=True)
        exec(code, {"__name__": "__probe__", "__file__": str(case.path), "t": probe})
    except BaseException as error:
        crash = "".join(traceback.format_exception_only(error)).strip()
        traceback.print_exc()
    seconds = time.perf_counter() - begin
    try:
        adapter.stop()
    except BaseException:
        traceback.print_exc()
    good = not probe.fails and crash is None and probe.checks > 0
    return {
        "case": case.id,
        "pass": good,
        "checks": probe.checks,
        "fails": probe.fails,
        "notes": probe.notes,
        "crash": crash,
        "reports": probe.reports,
        "seconds": round(seconds, 4),
    }


# -------------------------------------------------------------------- the command line


def _unpack(case: Case, folder: Path) -> None:
    trees: dict[str, list[tuple[str, str | None]]] = {"before": list(case.files.items()), **case.edits}
    for name, files in trees.items():
        for relative, text in files:
            path = folder / name / (relative if text is not None else relative + ".DELETED")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text or "", encoding="utf-8")
    (folder / "probe.py").write_text(case.probe, encoding="utf-8")


def _run_all(name: str, cases: Sequence[Case], verbose: bool) -> bool:
    import nursery

    adapter = load_adapter(name)
    why = adapter.unavailable()
    if why is not None:
        print(f"{name}: not run: {why}")
        return True
    place = nursery.Nursery(name)
    results = [place.run(case) for case in cases if adapter.only is None or case.id in adapter.only]
    place.close()
    good = sum(result["pass"] for result in results)
    print(f"{name:<12} {good} passed, {len(results) - good} failed", flush=True)
    for result in results if verbose else ():
        if not result["pass"]:
            print(f"  - {result['case']:<38} {'; '.join(result['fails'][:3])} {result['crash'] or ''}")
    return good == len(results)


def main() -> int:
    """Run what the command line asks for."""
    sys.modules.setdefault("runner", sys.modules[__name__])
    import nursery

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-a", "--adapter", action="append")
    parser.add_argument("-c", "--case", action="append", default=[])
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--unpack", nargs=2, metavar=("CASE", "FOLDER"))
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--nursery", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        nursery.run_child(*options.child)
    elif options.nursery:
        nursery.nurse(options.nursery)
    elif options.list:
        for case in all_cases(options.case):
            print(f"{case.id:<40} {case.title}")
    elif options.unpack:
        _unpack(case_of(options.unpack[0]), Path(options.unpack[1]))
    else:
        cases = all_cases(options.case)
        results = [_run_all(name, cases, options.verbose) for name in options.adapter or adapter_files()]
        return 0 if all(results) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
