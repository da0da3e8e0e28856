"""The best scores, and the page that shows them."""

from __future__ import annotations

from engine import Mut, PreUpdate, field, resource, system

from .menu import Menu

__all__ = ["Scores"]


@resource
class Scores:
    """Keep the best scores: pairs of a name and points, the best first, at most so many."""

    rows: list[tuple[str, int]] = field(factory=list)
    most: int = 8

    def takes(self, points: int) -> bool:
        """Tell whether so many points come among the best."""
        return points > 0 and (len(self.rows) < self.most or points > self.rows[-1][1])

    def add(self, name: str, points: int) -> int:
        """Add a score; return its place, 1 for the best, or 0 where others are better."""
        row = (name.strip() or "Nobody", points)
        better = sum(other >= points for _, other in self.rows)
        self.rows = [*self.rows[:better], row, *self.rows[better:]][: self.most]
        return better + 1 if better < self.most else 0

    @property
    def best(self) -> int:
        """The most points so far."""
        return self.rows[0][1] if self.rows else 0


def on_scores(menu: Menu) -> bool:
    """Tell whether the page is open."""
    return menu.at("scores")


@system(PreUpdate, when=on_scores)
def show_scores(menu: Mut[Menu], scores: Scores) -> None:
    """Draw the page."""
    menu.title("High scores", veil=True)
    if not scores.rows:
        menu.label("Nobody has scored yet.")
    menu.table(*((f"{place}.  {name}", points) for place, (name, points) in enumerate(scores.rows, 1)))
    menu.space()
    menu.back()
