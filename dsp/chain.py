"""An ordered chain of effects: its response, its amount, and its plain-data form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dsp import equalizer, reverb
from dsp.effect import Effect
from dsp.equalizer import Equalizer
from dsp.errors import ParameterError
from dsp.gain import Gain
from dsp.reverb import Reverb

if TYPE_CHECKING:
    import torch

EFFECTS: Mapping[str, type[Effect]] = {e.kind: e for e in (Equalizer, Reverb, Gain)}

E = TypeVar("E", bound=Effect)


def tensor_values(effect: Effect, dtype: torch.dtype | None = None) -> dict[str, torch.Tensor]:
    """The effect's values as tensors of shape [1], as the search's functions take them.

    Args:
        effect: The setting.
        dtype: float64 by default.
    """
    import torch  # only here: a chain is drawn and rendered without it

    kind = torch.float64 if dtype is None else dtype
    return {name: torch.tensor([value], dtype=kind) for name, value in effect.values.items()}


@lru_cache(maxsize=4)
def _room_response(room: Reverb, sample_rate: int) -> NDArray[np.float64]:
    """Impulse response of a room, read-only: scoring, rendering and export ask for the same one."""
    response = reverb.room_response(room.values, sample_rate)
    response.setflags(write=False)
    return response


@lru_cache(maxsize=32)
def _active_sections(eq: Equalizer, sample_rate: float) -> NDArray[np.float64]:
    """Sections that change the sound: drawing, matching and playing ask for the same."""
    sos = equalizer.design(eq.values, sample_rate)
    active: NDArray[np.float64] = sos[(sos[:, :3] != sos[:, 3:]).any(axis=1)]
    return active


@dataclass(frozen=True)
class Chain:
    """Effects in signal order. Immutable, hashable; each kind stands at most once."""

    effects: tuple[Effect, ...] = ()

    def __post_init__(self) -> None:
        kinds = [effect.kind for effect in self.effects]
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise ParameterError(f"chain: {kind!r} stands more than once; each effect may once")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a chain such as ``eq,reverb``; every effect starts neutral.

        Raises:
            ParameterError: The text names no effect, or one that does not exist.
        """
        kinds = [part.strip() for part in text.split(",") if part.strip()]
        if not kinds:
            raise ParameterError(f"chain: found {text!r}, allowed are {_allowed()}")
        for kind in kinds:
            if kind not in EFFECTS:
                raise ParameterError(f"chain: unknown effect {kind!r}, allowed are {_allowed()}")
        return cls(tuple(EFFECTS[kind]() for kind in kinds))

    @property
    def name(self) -> str:
        """The chain as it is written on the command line, ``eq,reverb``."""
        return ",".join(effect.kind for effect in self.effects)

    def __iter__(self) -> Iterator[Effect]:
        return iter(self.effects)

    def get(self, effect_type: type[E]) -> E | None:
        """The chain's effect of a type, or None."""
        for effect in self.effects:
            if isinstance(effect, effect_type):
                return effect
        return None

    def replace(self, effect: Effect) -> Self:
        """Return a copy in which ``effect`` stands in place of the effect of its kind."""
        if effect.kind not in {e.kind for e in self.effects}:
            raise ParameterError(f"chain {self.name}: has no {effect.kind!r} to replace")
        return type(self)(tuple(effect if e.kind == effect.kind else e for e in self.effects))

    def is_neutral(self) -> bool:
        """Whether the chain leaves every sound exactly as it is."""
        return all(effect.is_neutral() for effect in self.effects)

    def with_amount(self, amount: float) -> Self:
        """Scale all effects between identity (0) and full (1), see :meth:`Effect.with_amount`."""
        return type(self)(tuple(effect.with_amount(amount) for effect in self.effects))

    def sections(self, sample_rate: float) -> NDArray[np.float64]:
        """Sections of the active equalizer stages, shape [S, 6], S may be 0."""
        eq = self.get(Equalizer)
        if eq is None or not eq.enabled:
            return np.zeros((0, 6))
        return _active_sections(eq, sample_rate).copy()  # scipy filters want to write

    def impulse_response(self, sample_rate: int) -> NDArray[np.float64]:
        """Wet stereo impulse response of the reverb, read-only, shape [2, L]; L is 0 without."""
        room = self.get(Reverb)
        if room is None or room.is_neutral():
            return np.zeros((2, 0))
        return _room_response(room, sample_rate)

    def gain_db(self) -> float:
        """Total plain gain in dB."""
        gain = self.get(Gain)
        return gain.values["gain_db"] if gain is not None and gain.enabled else 0.0

    def tail_s(self) -> float:
        """Seconds that the chain rings on after the sound has ended."""
        room = self.get(Reverb)
        if room is None or room.is_neutral():
            return 0.0
        return reverb.response_samples(room.values, 48_000) / 48_000

    def frequency_response_db(
        self, frequencies_hz: ArrayLike, sample_rate: float = 48_000
    ) -> NDArray[np.float64]:
        """Magnitude response of equalizer and gain, from the coefficients that are rendered.

        Args:
            frequencies_hz: Shape [F].
            sample_rate: Of the file that the chain runs on, in Hz.

        Returns:
            dB, shape [F]. The reverb is not in it: it has no single curve.
        """
        frequencies = np.asarray(frequencies_hz, dtype=np.float64).reshape(-1)
        power = equalizer.section_power(self.sections(sample_rate), frequencies, sample_rate)
        return np.asarray(10 * np.log10(power) + self.gain_db(), dtype=np.float64)

    def to_data(self) -> list[dict[str, Any]]:
        """Plain data: a list of ``{"effect", "enabled", "parameters"}``, physical units."""
        return [
            {"effect": e.kind, "enabled": e.enabled, "parameters": dict(e.values)}
            for e in self.effects
        ]

    @classmethod
    def from_data(cls, data: Sequence[Mapping[str, Any]]) -> Self:
        """Inverse of :meth:`to_data`.

        Raises:
            ParameterError: An effect or parameter is unknown, missing its form, or out of range.
        """
        effects = []
        for index, item in enumerate(data):
            if not isinstance(item, Mapping) or item.get("effect") not in EFFECTS:
                raise ParameterError(
                    f"chain[{index}]: unknown effect, found {_brief(item)}; "
                    f"allowed are {_allowed()}"
                )
            parameters = item.get("parameters", {})
            enabled = item.get("enabled", True)
            if not isinstance(parameters, Mapping) or not isinstance(enabled, bool):
                raise ParameterError(
                    f"chain[{index}]: 'parameters' must be an object and 'enabled' true or false"
                )
            effects.append(EFFECTS[item["effect"]](dict(parameters), enabled))
        return cls(tuple(effects))


def _allowed() -> str:
    return ", ".join(EFFECTS) + " (joined by commas)"


def _brief(item: object) -> str:
    text = repr(item)
    return text if len(text) <= 60 else text[:57] + "..."
