"""Which grant of which consumer allows a question, or what forbids it and which grant almost does. Asks and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.clock import local_day
from gateway.contract.consumers import ConsumerFile
from gateway.security.grants import Consumers, Loaded, Nearest, Wanted, nearest


@dataclass(frozen=True, slots=True)
class OfMaterial:
    """One material that the policy asks about, and the grant that allows it or is nearest to it. None: there are no grants."""

    material: str
    nearest: Nearest | None

    @property
    def is_granted(self) -> bool:
        return self.nearest is not None and not self.nearest.lacks


@dataclass(frozen=True, slots=True)
class OfConsumer:
    """One consumer's standing towards one question."""

    loaded: Loaded
    may_sign: tuple[str, ...]
    """The ids of its keys that may sign now. Without one its grants are moot: 401 `key` comes before them."""
    materials: tuple[OfMaterial, ...]

    @property
    def file(self) -> ConsumerFile:
        return self.loaded.file

    @property
    def is_allowed(self) -> bool:
        """All or nothing: every material must be granted, each by one grant alone."""
        return bool(self.may_sign) and all(each.is_granted for each in self.materials)


def explain(
    consumers: Consumers, purpose: str, materials: Iterable[str], unit_code: str, now: float
) -> tuple[OfConsumer, ...]:
    """Every consumer's standing at `now` (Unix seconds), in the order of their names."""
    asked = [Wanted(purpose, material, unit_code, local_day(now)) for material in materials]
    return tuple(
        OfConsumer(
            loaded,
            tuple(key.id for key in loaded.file.keys if consumers.get(key.id, now) is not None),
            tuple(OfMaterial(wanted.material, nearest(loaded.file.grants, wanted)) for wanted in asked),
        )
        for loaded in consumers.loaded.values()
    )
