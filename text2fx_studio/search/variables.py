"""The unbounded variables that gradient descent moves, and their way to physical values.

Every searched parameter p has a position on its own scale (octaves for log parameters, else its
unit) and a search range [low, high] on it:

    position = middle + half * tanh(x),  value = 2^position or position

Each x is one column of a [B, P] tensor; B starts are searched as one batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from dsp.chain import Chain
from dsp.parameters import Parameter

_EDGE = 0.995  # a start at the very end of its range would have no gradient


@dataclass(frozen=True)
class Variable:
    """One searched parameter of one effect of the chain; its range on the parameter's scale."""

    effect: str
    parameter: Parameter
    low: float
    high: float

    @property
    def middle(self) -> float:
        """Middle of the range on the parameter's scale."""
        return (self.low + self.high) / 2

    @property
    def half(self) -> float:
        """Half the width of the range on the parameter's scale."""
        return (self.high - self.low) / 2

    def inverse(self, value: float) -> float:
        """Return the x of a physical value; values beyond the range are brought just inside it."""
        share = (self.parameter.to_scale(value) - self.middle) / self.half
        return float(torch.atanh(torch.tensor(min(max(share, -_EDGE), _EDGE), dtype=torch.float64)))


class Variables:
    """All searched parameters of a chain, within what an encoder can hear.

    Args:
        chain: Its effects' parameters that are declared ``searched`` take part.
        passband_hz: Frequencies stay inside it: what the encoder cannot hear is held still.
    """

    def __init__(self, chain: Chain, passband_hz: tuple[float, float]) -> None:
        self.chain = chain
        found = []
        for effect in chain:
            for parameter in effect.parameters:
                if not parameter.searched:
                    continue
                low, high = parameter.search_range
                if parameter.unit == "Hz":
                    low, high = max(low, passband_hz[0]), min(high, passband_hz[1])
                    if low >= high:
                        continue
                scale = parameter.to_scale
                found.append(Variable(effect.kind, parameter, scale(low), scale(high)))
        self.columns: tuple[Variable, ...] = tuple(found)
        self._middle = torch.tensor([v.middle for v in found], dtype=torch.float64)
        self._half = torch.tensor([v.half for v in found], dtype=torch.float64)
        in_octaves = [v.parameter.scale == "log" for v in found]
        self._in_octaves = torch.tensor(in_octaves, dtype=torch.bool)
        self._fixed = {
            (e.kind, name): value
            for e in chain
            for name, value in e.values.items()
            if not any(v.effect == e.kind and v.parameter.name == name for v in found)
        }

    def __len__(self) -> int:
        return len(self.columns)

    def positions(self, x: torch.Tensor) -> torch.Tensor:
        """Positions on the parameters' scales, float64, [B, P] -> [B, P]."""
        return self._middle.to(x.device) + self._half.to(x.device) * torch.tanh(x.double())

    @property
    def fixed(self) -> dict[tuple[str, str], float]:
        """Values of what is not searched, by effect and parameter."""
        return dict(self._fixed)

    def settings(self, x: torch.Tensor) -> dict[str, dict[str, torch.Tensor]]:
        """Physical values by effect and parameter, each of shape [B], differentiable in ``x``."""
        positions = self.positions(x)
        settings: dict[str, dict[str, torch.Tensor]] = {e.kind: {} for e in self.chain}
        for (kind, name), value in self._fixed.items():
            settings[kind][name] = positions.new_full((x.shape[0],), value)
        physical = torch.where(self._in_octaves.to(x.device), torch.exp2(positions), positions)
        for variable, values in zip(self.columns, physical.unbind(dim=1), strict=True):
            settings[variable.effect][variable.parameter.name] = values
        return settings

    def from_chains(self, chains: Sequence[Chain]) -> torch.Tensor:
        """Return the x of given settings, float64, shape [len(chains), P]."""
        rows = []
        for chain in chains:
            values = {e.kind: e.values for e in chain}
            rows.append([v.inverse(values[v.effect][v.parameter.name]) for v in self.columns])
        return torch.tensor(rows, dtype=torch.float64)

    def to_chain(self, x: torch.Tensor) -> Chain:
        """The setting of one row (shape [P]) as a chain.

        A filter or a wet level that came to rest at the end of what could be searched is switched
        off: there it does nothing that was heard.
        """
        values = {
            kind: {name: float(value[0]) for name, value in parameters.items()}
            for kind, parameters in self.settings(x.detach()[None]).items()
        }
        for variable in self.columns:
            p = variable.parameter
            if p.off is None or p.off_value is None:
                continue
            position = p.to_scale(values[variable.effect][p.name])
            reach = 0.04 * (variable.high - variable.low)
            at_end = (
                position <= variable.low + reach
                if p.off == "low"
                else position >= variable.high - reach
            )
            if at_end:
                values[variable.effect][p.name] = p.off_value
        return Chain(
            tuple(
                type(effect)(
                    {
                        name: effect.parameter(name).clip(value)
                        for name, value in values[effect.kind].items()
                    },
                    effect.enabled,
                )
                for effect in self.chain
            )
        )
