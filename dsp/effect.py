"""The thin class that every effect shares: declared parameters and one value for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Self

from dsp.errors import ParameterError
from dsp.parameters import Parameter


@dataclass(frozen=True)
class Effect:
    """One effect's setting. Immutable; the signal processing lives in the effect's module.

    Attributes:
        values: Physical value of every parameter, by name. Omitted ones take their default;
            unknown names, non-finite and out-of-range values are refused.
        enabled: False bypasses the effect and keeps its values.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]

    values: Mapping[str, float] = field(default_factory=dict)
    enabled: bool = True

    def __post_init__(self) -> None:
        known = {p.name: p for p in self.parameters}
        unknown = sorted(set(self.values) - set(known))
        if unknown:
            raise ParameterError(
                f"{self.kind}: unknown parameter {unknown[0]!r}; allowed are {', '.join(known)}"
            )
        checked = {
            name: p.check(self.values.get(name, p.default), self.kind) for name, p in known.items()
        }
        object.__setattr__(self, "values", MappingProxyType(checked))

    def __hash__(self) -> int:
        return hash((self.kind, self.enabled, tuple(self.values.items())))

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, float], bool]]:
        return type(self), (dict(self.values), self.enabled)

    @classmethod
    def parameter(cls, name: str) -> Parameter:
        """Return the declared parameter called ``name``.

        Raises:
            ParameterError: The effect has no such parameter.
        """
        for candidate in cls.parameters:
            if candidate.name == name:
                return candidate
        raise ParameterError(f"{cls.kind}: unknown parameter {name!r}")

    def replace(self, **values: float) -> Self:
        """Return a copy with some values changed."""
        return type(self)({**self.values, **values}, self.enabled)

    def is_neutral(self) -> bool:
        """Whether the effect leaves every sound exactly as it is."""
        raise NotImplementedError(f"{type(self).__name__}.is_neutral")

    def with_amount(self, amount: float) -> Self:
        """Scale the setting between identity (0) and full (1).

        Gains move linearly in dB, frequencies and times on a log scale; a parameter with an off
        end starts there, every other parameter from its default.

        Raises:
            ParameterError: ``amount`` lies outside 0..1.
        """
        if not 0.0 <= amount <= 1.0:
            raise ParameterError(f"amount: found {amount:g}, allowed is 0 to 1")
        if amount == 1.0:
            return self
        return type(self)(self._scaled_values(amount), self.enabled)

    def _scaled_values(self, amount: float) -> dict[str, float]:
        return {
            p.name: p.between(
                p.default if p.off_value is None else p.off_value, self.values[p.name], amount
            )
            for p in self.parameters
        }
