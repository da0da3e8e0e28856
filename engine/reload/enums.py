"""Members of an enum whose class is carried over: those of the same name keep their identity."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from engine.reload.bases import set_class
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
            if not same(_said(present), _said(member)):
                changed.add(name)
            present.__dict__.clear()
            present.__dict__.update(member.__dict__)
            present.__dict__["__objclass__"] = old
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


def _said(member: Any) -> dict[str, Any]:
    """Return what a member was given in its class: its value, and what its `__init__` makes of that."""
    return {name: value for name, value in member.__dict__.items() if name not in ("__objclass__", "_sort_order_")}


def _combination(old: enum.EnumMeta, member: Any) -> Any:
    """Return the combination of flags in use that a new member gives a name, or None."""
    known = old._value2member_map_.get(member._value_) if isinstance(member, enum.Flag) else None
    return known if known is not None and known._name_ not in old._member_map_ else None


def _can_become(present: Any, member: Any) -> bool:
    """Tell whether a live member can take a new value: one that is a number or text itself cannot."""
    data = type(member)._member_type_
    return data is object or bool(data(present) == data(member) if data in (int, str, float) else present == member)


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
