"""Measure everything that docs/performance.md shows, and write it there: tables between markers, pictures beside it.

python scripts/write_performance.py            all suites, under ten minutes on two cores of 2024
python scripts/write_performance.py --quick    small sizes only, to see that it works
python scripts/write_performance.py --redraw   pictures and tables of the last run once more
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from engine.bench.cases import CASES, cases_of  # noqa: E402
from engine.bench.charts import write_charts  # noqa: E402
from engine.bench.command import target_table  # noqa: E402
from engine.bench.games import GameFigure, games_table, measure_games  # noqa: E402
from engine.bench.suite import Report, run_suite  # noqa: E402
from engine.bench.tables import markdown, number, suite_table  # noqa: E402
from engine.bench.targets import Target, targets  # noqa: E402
from engine.bench.worker import NAMES  # noqa: E402
from engine.reload.places import examples, games  # noqa: E402

PAGE, README = ROOT / "docs" / "performance.md", ROOT / "README.md"
FOLDER = ROOT / "docs" / "performance"
FIGURES = FOLDER / "figures.json"
SUITES = ("ecs", "frame", "snapshot")


def measure(quick: bool) -> dict[str, Any]:
    """Run all suites and return their figures as data."""
    found: dict[str, Any] = {suite: run_suite(suite, cases_of(suite), NAMES, quick=quick).to_json() for suite in SUITES}
    home = examples()
    known = {name: folder for name, folder in games().items() if folder.parent == home}
    found["games"] = [vars(one) for one in measure_games(known, quick=quick)]
    return found


def sections(found: dict[str, Any]) -> dict[str, str]:
    """Return the text of each marked section, and draw the pictures."""
    reports = {suite: Report.from_json(found[suite]) for suite in SUITES}
    for report in reports.values():
        write_charts(report, FOLDER)
    held: list[Target] = [one for report in reports.values() for one in targets(report)]
    met = sum(one.is_met for one in held)
    ecs = reports["ecs"]
    versions = ", ".join(f"{name} {version}".strip() for name, version in ecs.versions.items() if name != "hotloop")
    missing = "".join(f" Left out: {name}, {why}." for name, why in ecs.missing.items())
    return {
        "machine": f"{ecs.machine}. Beside: {versions}.{missing}",
        "targets": f"{met} of {len(held)} are met.\n\n{target_table(held)}",
        "cases": markdown(["case", "does", "unit"], [[f"`{one.name}`", one.says, one.unit] for one in CASES]),
        **{suite: suite_table(report) for suite, report in reports.items()},
        "games": games_table([GameFigure(**one) for one in found["games"]]),
    }


def claim(found: dict[str, Any]) -> str:
    """Return the README's sentence on speed."""
    ecs = Report.from_json(found["ecs"])
    size = max(one.size for one in ecs.figures if one.case == "movement" and one.size <= 100_000)
    ours, bare, esper = (ecs.value("movement", size, name) or 1.0 for name in ("hotloop", "numpy", "esper"))
    return (
        f"A system that moves {size:,} entities takes {number(ours)} ns for each, {esper / ours:.0f} times less than\n"
        f"with esper in the same run and {ours / bare:.2f} times what the bare numpy calls take; "
        f"`hotloop bench ecs`\nmeasures it, and [Performance](docs/performance.md) has all figures.\n"
    )


def write(found: dict[str, Any]) -> None:
    """Put the figures into the page and the README."""
    for path, texts in ((PAGE, sections(found)), (README, {"speed": claim(found)})):
        page = path.read_text(encoding="utf-8")
        for name, text in texts.items():
            marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
            page, count = marked.subn(lambda one, text=text: f"{one[1]}\n{text.strip()}\n\n{one[2]}", page)
            if count != 1:
                sys.exit(f"{path} has {count} sections {name!r}, one is wanted")
        path.write_text(page, encoding="utf-8")


def main() -> None:
    """Measure, or take the figures of the last run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--redraw", action="store_true", help="measure nothing")
    options = parser.parse_args()
    if options.redraw:
        found = json.loads(FIGURES.read_text(encoding="utf-8"))
    else:
        found = measure(options.quick)
        FOLDER.mkdir(parents=True, exist_ok=True)
        FIGURES.write_text(json.dumps(found) + "\n", encoding="utf-8")
    write(found)


if __name__ == "__main__":
    main()
