"""The resolver: from manifests alone, which modules run, with which features, in which order.

Requirements point inward: apps require plugins and core modules, plugins likewise, systems and core modules only
core modules. Nothing requires an implementation: a systems module that `implements` a core module makes that one a
contract, and for each contract in use exactly one implementation is picked: the chosen one, else the first by name,
those in the game's own folder before others. Headless twins, whose names begin with `null_`, come last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.errors import ResolveError, did_you_mean
from engine.reload.discover import Found, Modules, discover
from engine.reload.manifest import Requirement, parse_requirement
from engine.reload.order import load_order

__all__ = ["Found", "Modules", "Resolution", "discover", "headless_choice", "resolve"]

MAY_REQUIRE = {
    "core": ("core",),
    "systems": ("core",),
    "plugins": ("core", "plugins"),
    "apps": ("core", "plugins"),
}
HEADLESS = "null_"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What runs: modules in load order, active features and the implementation of each contract."""

    order: list[Found]
    features: dict[str, set[str]]
    implementations: dict[str, str]
    candidates: dict[str, list[str]] = field(default_factory=dict)
    requirers: dict[str, set[str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of the modules in load order."""
        return [found.name for found in self.order]

    def __contains__(self, name: object) -> bool:
        return any(found.name == name for found in self.order)

    def __getitem__(self, name: str) -> Found:
        for found in self.order:
            if found.name == name:
                return found
        raise KeyError(name)


def resolve(
    found: Mapping[str, Found],
    roots: Iterable[str],
    choose: Mapping[str, str] | None = None,
) -> Resolution:
    """Resolve the requirements of the roots, given as names or requirements (`apps.mine`, `plugins.rain[wind]`).

    `choose` maps contracts to implementations; an entry for a contract that nothing requires has no effect. Raises
    `ResolveError`, or the `ManifestError` of a module that is needed but broken.
    """
    work = _Resolver(found, dict(choose or {}))
    work.check_choices()
    for root in roots:
        work.demand(_Demand(None, parse_requirement(root)))
    work.settle()
    work.check_versions()
    work.check_provided()
    names = sorted(work.features)
    requirers = {name: {demand.asker for demand in work.demands[name] if demand.asker is not None} for name in names}
    edges = {name: {other for other in names if name in requirers[other]} for name in names}
    order = load_order(edges, work.picked, work.describe_edge)
    return Resolution(
        order=[found[name] for name in order],
        features=work.features,
        implementations=dict(sorted(work.picked.items())),
        candidates=work.candidates,
        requirers=requirers,
    )


def headless_choice(found: Mapping[str, Found]) -> dict[str, str]:
    """Return the headless twin of every contract that has one, for `resolve(choose=...)`."""
    twins: dict[str, str] = {}
    for name in sorted(found):
        if _is_headless(found[name]):
            for contract in found[name].manifest.implements:
                twins.setdefault(contract.name, name)
    return twins


def _is_headless(found: Found) -> bool:
    return found.folder.name.startswith(HEADLESS)


@dataclass(frozen=True, slots=True)
class _Demand:
    """One requirement and who asks for it.

    Nobody (None) asks for a root or for the implementation of `contract`. `feature` is what made a module ask.
    """

    asker: str | None
    requirement: Requirement
    feature: str | None = None
    implements: bool = False
    contract: str | None = None

    def __str__(self) -> str:
        if self.contract is not None:
            return f"{self.requirement} is picked for {self.contract}"
        if self.asker is None:
            return f"{self.requirement} is asked for"
        who = self.asker if self.feature is None else f"{self.asker}[{self.feature}]"
        return f"{who} {'implements' if self.implements else 'requires'} {self.requirement}"


class _Resolver:
    """The state of one resolution: who demands what, active features, picked implementations."""

    def __init__(self, found: Mapping[str, Found], choose: dict[str, str]) -> None:
        self.found, self.choose = found, choose
        self.demands: dict[str, list[_Demand]] = {}  # by the module that is demanded
        self.features: dict[str, set[str]] = {}
        self.picked: dict[str, str] = {}
        self.implementers: dict[str, list[str]] = {}
        self.candidates: dict[str, list[str]] = {}
        for name in sorted(found, key=lambda name: (_is_headless(found[name]), found[name].origin != "game", name)):
            for contract in found[name].manifest.implements:
                self.implementers.setdefault(contract.name, []).append(name)

    # -- demands

    def demand(self, demand: _Demand) -> None:
        """Take a module and, depth first, everything it requires into the resolution."""
        name = demand.requirement.name
        module = self.find(demand)
        self.check_room(demand)
        self.demands.setdefault(name, []).append(demand)
        is_new = name not in self.features
        active = self.features.setdefault(name, set())
        if is_new:
            for requirement in module.manifest.requires:
                self.demand(_Demand(name, requirement))
            for requirement in module.manifest.implements:
                plain = Requirement(requirement.name, frozenset(), requirement.versions, requirement.text)
                self.demand(_Demand(name, plain, implements=True))
        for feature in sorted(demand.requirement.features - active):
            if feature not in module.manifest.features:
                self.check_version(demand)  # the feature may be one of another version
                raise self.unknown_feature(demand, module, feature)
            active.add(feature)
            for requirement in module.manifest.features[feature]:
                self.demand(_Demand(name, requirement, feature))

    def find(self, demand: _Demand) -> Found:
        name = demand.requirement.name
        if name in self.found:
            return self.found[name]
        broken = getattr(self.found, "broken", {})
        if name in broken:
            raise broken[name]
        searched = [str(folder) for folder in getattr(self.found, "searched", [])]
        hint = did_you_mean(name, self.found)
        places = f"put it into one of the folders searched: {', '.join(searched)}" if searched else "install it"
        raise ResolveError(
            f"module {name} is missing",
            why=self.chain(demand),
            remedy=f"{hint} {places}".strip(),
            module=name,
            chain=self.chain_names(demand),
            searched=searched,
        )

    def check_room(self, demand: _Demand) -> None:
        if demand.asker is None:
            return
        room, other = demand.asker.partition(".")[0], demand.requirement.name.partition(".")[0]
        if other in MAY_REQUIRE[room]:
            return
        if other == "systems":
            contracts = [c.name for c in self.found[demand.requirement.name].manifest.implements]
            instead = contracts[0] if contracts else "the contract it implements"
            why, remedy = "nothing requires an implementation", f"require {instead} and choose with --with"
        else:
            allowed = " and ".join(repr(r) for r in MAY_REQUIRE[room])
            why = f"a module in the room {room!r} requires only modules in {allowed}"
            remedy = f"move what is shared into a module in {MAY_REQUIRE[room][0]!r}"
        raise ResolveError(
            f"{demand.asker} may not require {demand.requirement.name}",
            where=str(self.found[demand.asker].manifest.path),
            why=f"{why}: {self.chain(demand)}",
            remedy=remedy,
            module=demand.asker,
            chain=self.chain_names(demand),
        )

    def check_version(self, demand: _Demand) -> None:
        module = self.found[demand.requirement.name]
        if not demand.requirement.admits(module.manifest.version):
            raise self.clash(demand, module)

    def check_versions(self) -> None:
        """Check versions last of all, when everyone who requires a module can be named."""
        for name in sorted(self.demands):
            for demand in self.demands[name]:
                self.check_version(demand)

    def clash(self, demand: _Demand, module: Found) -> ResolveError:
        name, version = module.name, module.manifest.version
        others = [str(d) for d in self.demands[name] if d is not demand and d.requirement.versions]
        also = f"; {', '.join(others)}" if others else ""
        return ResolveError(
            f"{name} {version} does not fit",
            why=f"{self.chain(demand)}{also}; installed is {version} in {module.folder}",
            remedy=f"install a version of {name} that fits all of them, or change a requirement",
            module=name,
            version=version,
            chain=self.chain_names(demand),
            requirements=[d.requirement for d in self.demands[name]],
        )

    def unknown_feature(self, demand: _Demand, module: Found, feature: str) -> ResolveError:
        known = sorted(module.manifest.features)
        listing = f"its features are {', '.join(known)}" if known else "it has no features"
        return ResolveError(
            f"{module.name} has no feature {feature!r}",
            why=self.chain(demand),
            remedy=f"{did_you_mean(feature, known)} {listing}".strip(),
            module=module.name,
            feature=feature,
            chain=self.chain_names(demand),
        )

    # -- chains

    def links(self, demand: _Demand) -> list[_Demand]:
        """Return the demands that lead from a root to this one."""
        links, seen = [demand], set[str]()
        while links[0].asker is not None and links[0].asker not in seen:
            seen.add(links[0].asker)
            links.insert(0, self.demands[links[0].asker][0])
        return links

    def chain(self, demand: _Demand) -> str:
        links = self.links(demand)
        is_plain_root = links[0].contract is None and len(links) > 1
        return ", ".join(str(link) for link in links[is_plain_root:])

    def chain_names(self, demand: _Demand) -> list[str]:
        return [link.requirement.name for link in self.links(demand)]

    def describe_edge(self, asker: str, name: str) -> str:
        return next(str(demand) for demand in self.demands[name] if demand.asker == asker)

    # -- implementations

    def check_choices(self) -> None:
        for contract, name in self.choose.items():
            for module in (contract, name):
                if module not in self.found:
                    hint = did_you_mean(module, self.found) or "`hotloop list` shows the modules"
                    raise ResolveError(
                        f"{contract}={name} cannot be chosen",
                        why=f"there is no module {module}",
                        remedy=hint,
                        module=module,
                    )
            if name not in self.implementers.get(contract, ()):
                known = ", ".join(self.implementers.get(contract, ())) or "none"
                raise ResolveError(
                    f"{contract}={name} cannot be chosen",
                    why=f"{name} does not implement {contract}",
                    remedy=f"the implementations of {contract}: {known}",
                    module=name,
                )

    def settle(self) -> None:
        """Pick implementations until no contract in use is without one; each may bring in further contracts."""
        while True:
            open_contracts = sorted(n for n in self.features if n in self.implementers and n not in self.picked)
            if not open_contracts:
                return
            for contract in open_contracts:
                self.picked[contract] = name = self.pick(contract)
                if name not in self.features:
                    self.demand(_Demand(None, parse_requirement(name), contract=contract))

    def pick(self, contract: str) -> str:
        """Return the chosen implementation, or the first that understands this version and the features in use."""
        fitting = [name for name in self.implementers[contract] if self.misfit(contract, name) is None]
        self.candidates[contract] = fitting
        chosen = self.choose.get(contract)
        if chosen is not None:
            reason = self.misfit(contract, chosen)
            if reason is not None:
                raise self.no_fit(contract, f"{chosen} cannot implement {contract}", [reason], fitting)
            return chosen
        if not fitting:
            reasons = [self.misfit(contract, name) or "" for name in self.implementers[contract]]
            raise self.no_fit(contract, f"no implementation of {contract} fits", reasons, fitting)
        return fitting[0]

    def misfit(self, contract: str, name: str) -> str | None:
        version = self.found[contract].manifest.version
        entry = next(c for c in self.found[name].manifest.implements if c.name == contract)
        if not entry.admits(version):
            return f"{name} implements {entry}, installed is {contract} {version}"
        missing = self.features[contract] - entry.features if entry.features else set()
        return f"{name} does not provide {', '.join(sorted(missing))}" if missing else None

    def no_fit(self, contract: str, what: str, reasons: list[str], fitting: list[str]) -> ResolveError:
        asked = [str(d) for d in self.demands[contract] if d.requirement.features or d.requirement.versions]
        remedy = f"choose one of {', '.join(fitting)}" if fitting else f"install an implementation of {contract}"
        return ResolveError(what, why="; ".join(reasons + asked), remedy=remedy, module=contract, candidates=fitting)

    def check_provided(self) -> None:
        """Check picks again: features may have become active after a contract's implementation was picked."""
        for contract, name in self.picked.items():
            reason = self.misfit(contract, name)
            if reason is not None:
                fitting = [n for n in self.implementers[contract] if self.misfit(contract, n) is None]
                raise self.no_fit(contract, f"{name} cannot implement {contract}", [reason], fitting)
