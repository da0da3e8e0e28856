"""Members of an enum whose class is carried over: those of the same name keep their identity."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from engine.reload.bases import count_slots, set_class
from engine.reload.likes import is_sunder
from engine.reload.refill import is_open
from engine.reload.undo import restore_dict
from engine.reload.values import same

if TYPE_CHECKING:
    from engine.reload.merge import Merger


def pair_members(merger: Merger, old: enum.EnumMeta, new: enum.EnumMeta) -> set[str]:
    """Carry each member over into the live one of its name; a new member becomes one of the live class.

    Return the names of those that differ.
    """
    changed: set[str] = set()
    live: dict[str, Any] = dict(old._member_map_)
    members: dict[str, Any] = new._member_map_
    for name, member in members.items():
        if member._name_ != name:
            continue
        present = live.get(name)
        if present is None:
            present = _combination(old, member)
        elif present._name_ != name:
            present = None
        if present is not None and _can_become(present, member):
            merger.undo.push(restore_dict, present.__dict__, dict(present.__dict__))
            owner, hashed = f"{old.__qualname__}.{name}", _hash_of(present)
            content = {**member.__dict__, **_kept(merger, owner, present.__dict__, member.__dict__)}
            if not same(_said(present.__dict__), _said(content)):
                changed.add(name)
            present.__dict__.clear()
            present.__dict__.update(content)
            present.__dict__["__objclass__"] = old
            if _hash_of(present) != hashed:
                changed.add("__hash__")
            merger.pair(present, member)
        else:
            set_class(member, old)
            member.__dict__["__objclass__"] = old
    for value in new.__dict__.values():
        if isinstance(value, enum.property) and getattr(value, "member", None) is not None:
            value.member = merger.live(value.member)
    if isinstance(new, type) and issubclass(new, enum.Flag):
        _keep_combinations(merger, old, new)
    return changed


def _kept(merger: Merger, owner: str, present: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes a live member keeps: what the program gave it, and what it has made of unchanged ones."""

    def stays(name: str, value: Any) -> bool:
        if name in made:
            return merger.goes_on(owner, name, value, made[name])
        return (merger.place, owner, name) not in merger.likes

    return {name: value for name, value in present.items() if not is_sunder(name) and stays(name, value)}


def _said(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a member was given in its class: its value, and what its `__init__` makes of that."""
    return {name: value for name, value in content.items() if name not in ("__objclass__", "_sort_order_")}


def _combination(old: enum.EnumMeta, member: Any) -> Any:
    """Return the combination of flags in use that a new member gives a name, or None."""
    known = old._value2member_map_.get(member._value_) if isinstance(member, enum.Flag) else None
    return known if known is not None and known._name_ not in old._member_map_ else None


def _can_become(present: Any, member: Any) -> bool:
    """Tell whether a live member can take a new value: one that is a number or text itself cannot."""
    data = type(member)._member_type_
    if data in (int, str, float):
        return bool(data(present) == data(member))
    return (is_open(member) and not any(map(count_slots, data.__mro__))) or bool(present == member)


def _hash_of(member: Any) -> Any:
    """Return a member's hash, None if it has none."""
    try:
        return hash(member)
    except Exception:
        return None


def _keep_combinations(merger: Merger, old: Any, new: Any) -> None:
    """Keep combinations of flags that are in use, and let all forget what they know of their inverse."""
    known = set(new._value2member_map_)
    for value, member in old._value2member_map_.items():
        if value not in known and isinstance(value, int) and not value & ~new._flag_mask_:
            new._value2member_map_[value] = member
    for member in [*old._value2member_map_.values(), *new._value2member_map_.values()]:
        if getattr(member, "_inverted_", None) is not None:
            merger.undo.push(setattr, member, "_inverted_", member._inverted_)
            member._inverted_ = None
