"""Choices: what the hero is offered at a new level."""

from engine import (
    Commands,
    Entity,
    Events,
    Mut,
    PostUpdate,
    Query,
    Random,
    Update,
    With,
    component,
    field,
    resource,
    system,
)
from modules.core.flow import Entered, entered
from modules.core.motion import Position
from modules.core.render import Fixed, Sprite
from modules.plugins.screens import Menu

from .arms import HIGHEST, Weapon
from .hero import Gifts, Hero
from .screens import Game, Screen

OFFERS = 3
GIFTS = {  # name: (picture, what it says, which factor it raises, by how much)
    "Boots": ("icon_boots.png", "Walk 12 % faster", "speed", 0.12),
    "Might": ("icon_might.png", "15 % more damage", "might", 0.15),
    "Magnet": ("icon_magnet.png", "Gems and waves reach 25 % farther", "reach", 0.25),
    "Vigour": ("heart.png", "Mend half a point of health a second", "mending", 0.5),
}
MENDS = 20.0  # health that a new level gives
ICON_SCALE, ICON_LEFT = 1.0, 34.0  # pixels left of a row
ABOVE_MENU = 10_020  # layer


@resource
class Choice:
    """Hold what is on offer: names of weapons and gifts."""

    offers: list[str] = field(factory=list)


@component
class Icon:
    """A picture beside a row of the menu."""


@system(Update)
def offer(
    game: Mut[Game], choice: Mut[Choice], weapons: Query[Weapon], heroes: Query[Mut[Hero]], random: Random
) -> None:
    """Draw what is on offer: of all weapons that can rise, and of the gifts."""
    if not game.choosing:
        choice.offers = []
    elif not choice.offers:
        rising = [str(name) for weapon in weapons for name in weapon.name[weapon.level < HIGHEST]]
        names = sorted(rising) + list(GIFTS)
        weights = [3.0] * len(rising) + [1.0] * len(GIFTS)
        share = [weight / sum(weights) for weight in weights]
        drawn = random.choice(len(names), min(OFFERS, len(names)), replace=False, p=share)
        choice.offers = [names[int(index)] for index in drawn]
        for hero in heroes:
            hero.hp = hero.most - (hero.most - hero.hp - MENDS).clip(0)


@system(Update)
def choose(
    screen: Screen,
    game: Mut[Game],
    choice: Mut[Choice],
    gifts: Mut[Gifts],
    weapons: Query[Mut[Weapon]],
    menu: Mut[Menu],
) -> None:
    """Let the person choose, and hand it over."""
    if screen is not Screen.PLAYING or not choice.offers:
        return
    menu.title(f"Level {game.level}", veil=True)
    chosen = ""
    for name in choice.offers:
        if menu.button(name, _says(name, weapons), key=name):
            chosen = name
    if not chosen:
        return
    if chosen in GIFTS:
        _, _, factor, more = GIFTS[chosen]
        setattr(gifts, factor, getattr(gifts, factor) + more)
    for weapon in weapons:
        weapon.level += weapon.name == chosen
    game.choosing -= 1
    choice.offers = []


def _says(name: str, weapons: Query[Mut[Weapon]]) -> str:
    """Return what stands beside an offer."""
    if name in GIFTS:
        return GIFTS[name][1]
    for weapon in weapons:
        for row in (weapon.name == name).nonzero()[0]:
            level = int(weapon.level[row])
            return f"level {level + 1}" if level else str(weapon.hint[row])
    return ""


@system(PostUpdate)
def show_icons(
    choice: Choice, menu: Menu, weapons: Query[Weapon], icons: Query[Entity, With[Icon]], commands: Commands
) -> None:
    """Put a picture beside every offer."""
    if icons:
        commands.despawn(icons.entities())
    pictures = {name: gift[0] for name, gift in GIFTS.items()}
    for weapon in weapons:
        pictures |= dict(zip(weapon.name.tolist(), weapon.icon.tolist(), strict=True))
    for name in choice.offers:
        if name in menu.places and name in pictures:
            left, top, _, bottom = menu.places[name]
            sprite = Sprite(pictures[name], layer=ABOVE_MENU, scale=ICON_SCALE)
            commands.spawn(Position(x=left - ICON_LEFT, y=(top + bottom) / 2), sprite, Fixed(), Icon())


@system(Update)
def forget(events: Events[Entered], choice: Mut[Choice]) -> None:
    """Begin a night without old offers."""
    if entered(events, Screen.PLAYING):
        choice.offers = []
