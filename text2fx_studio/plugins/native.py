"""A plugin inside its own process: loaded without probing, set exactly, run on any width.

Only the worker imports this module. pedalboard's Python layer reads a thousand texts of every
parameter when a plugin is loaded, and sets those whose text does not change a thousand times: a
plugin that reloads impulse responses needs minutes. That layer is switched off here, and the
parameters are asked directly.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
from numpy.typing import NDArray
from pedalboard import _pedalboard as layer

from text2fx_studio.errors import PluginError
from text2fx_studio.plugins.parameter import (
    MOST_CHOICES,
    PluginParameter,
    is_hidden,
    key_of,
    may_be_meter,
    number_in,
)
from text2fx_studio.plugins.passage import BUFFER_FRAMES

_HALVINGS = 50
_SETTLING = 4  # buffers of silence
_LOAD_TIMEOUT_S = 10.0

Samples = NDArray[np.float32]


def _switch_off_probing() -> None:
    mixin = layer._PythonExternalPluginMixin

    def no_parameters(_self: Any) -> dict[str, Any]:
        return {}

    def no_parameter(_self: Any, _name: str) -> None:
        return None

    def no_values(_self: Any, _values: Any) -> None:
        return None

    mixin._get_parameters = no_parameters
    mixin._get_parameter_by_python_name = no_parameter
    mixin.__set_initial_parameter_values__ = no_values


_switch_off_probing()


def _class_of(path: Path) -> Any:
    name = "AudioUnitPlugin" if path.suffix == ".component" else "VST3Plugin"
    found = getattr(pedalboard, name, None)
    if found is None:
        raise PluginError(f"{path}: this system hosts no plugins of that kind")
    return found


def names_in(path: Path) -> list[str]:
    """Names of the plugins in a file or bundle.

    Raises:
        PluginError: It is no plugin.
    """
    try:
        return list(_class_of(path).get_plugin_names_for_file(str(path)))
    except (ImportError, RuntimeError, ValueError) as error:
        raise PluginError(f"{path}: is no plugin that can be loaded: {_said(error)}") from error


class NativePlugin:
    """One plugin; several instances of it where the sound has more channels than it takes."""

    def __init__(self, path: Path, name: str) -> None:
        """Load it.

        Raises:
            PluginError: It cannot be loaded.
        """
        self.path, self.name = path, name
        self._rate = 48_000.0
        self._instances = [self._load()]
        self.widths = tuple(width for width in (2, 1) if self._takes(width))
        self._meters: frozenset[str] | None = None

    @property
    def first(self) -> Any:
        """The instance that the others follow."""
        return self._instances[0]

    def _load(self) -> Any:
        try:
            return _class_of(self.path)(
                str(self.path), plugin_name=self.name, initialization_timeout=_LOAD_TIMEOUT_S
            )
        except (ImportError, RuntimeError, ValueError) as error:
            raise PluginError(f"{self.path}: cannot be loaded: {_said(error)}") from error

    def _takes(self, width: int) -> bool:
        try:
            silence = np.zeros((width, BUFFER_FRAMES), dtype=np.float32)
            out = self.first.process(silence, 48_000.0, buffer_size=BUFFER_FRAMES, reset=True)
        except (RuntimeError, ValueError):
            return False
        return bool(out.shape[0] == width)

    def describe(self) -> dict[str, Any]:
        """What the library remembers of it."""
        plugin = self.first
        vst3 = self.path.suffix == ".vst3"
        return {
            "name": plugin.name,
            "format": "VST3" if vst3 else "AudioUnit",
            "identifier": plugin.preset_data[8:40].decode("ascii") if vst3 else plugin.identifier,
            "manufacturer": plugin.manufacturer_name or "",
            "version": str(plugin.version or ""),
            "category": plugin.category or "",
            "instrument": bool(plugin.is_instrument),
            "latency_samples": int(plugin.reported_latency_samples),
            "widths": list(self.widths),
        }

    # Parameters -----------------------------------------------------------------------------

    def _shown(self) -> Iterator[tuple[str, Any]]:
        used: dict[str, int] = {}
        for native in self.first._parameters:
            steps = int(native.num_steps)
            if not native.name or is_hidden(
                native.name, automatable=bool(native.is_automatable), steps=steps
            ):
                continue
            if native.name in self._outputs():
                continue
            key = key_of(native.name)
            used[key] = used.get(key, 0) + 1
            yield (key if used[key] == 1 else f"{key}_{used[key]}"), native

    def _outputs(self) -> frozenset[str]:
        """Names of meters: what is written there never becomes part of the state.

        Plugins made with DPF declare their meters as ordinary parameters.
        """
        if self._meters is None:
            found = [
                n for n in self.first._parameters if may_be_meter(n.name, steps=int(n.num_steps))
            ]
            self._meters = frozenset(n.name for n in found if not self._is_kept(n))
        return self._meters

    def _is_kept(self, native: Any) -> bool:
        before, raw = self.state(), native.raw_value
        native.raw_value = 0.25 if raw > 0.5 else 0.75
        self._flush()
        kept = self.state() != before
        native.raw_value = raw
        self._flush()
        return kept

    def parameters(self) -> list[PluginParameter]:
        """All parameters that are settings of the sound, with their present values."""
        return [self._describe(key, native) for key, native in self._shown()]

    def _describe(self, key: str, native: Any) -> PluginParameter:
        read = self._reader(native)
        steps = int(native.num_steps)
        choices: tuple[str, ...] = ()
        if 2 <= steps <= MOST_CHOICES:
            choices = tuple(dict.fromkeys(read(n / (steps - 1)) for n in range(steps)))
        return PluginParameter(
            key=key,
            name=native.name,
            unit=native.label or "",
            raw=float(native.raw_value),
            text=native.string_value or "",
            default=float(native.default_raw_value),
            low=number_in(read(0.0)),
            high=number_in(read(1.0)),
            choices=choices,
        )

    def _reader(self, native: Any) -> Callable[[float], str]:
        """How to learn a value's text: by asking; where the answers never differ, by setting."""

        def ask(raw: float) -> str:
            return str(native.get_text_for_raw_value(raw))

        def try_out(raw: float) -> str:
            before = native.raw_value
            try:
                native.raw_value = raw
                return str(native.string_value)
            finally:
                native.raw_value = before

        return ask if len({ask(0.0), ask(0.37), ask(1.0)}) > 1 else try_out

    def raw_for(self, key: str, wanted: str | float) -> float:
        """The raw value at which a parameter shows a number or a text.

        Args:
            key: Of the parameter.
            wanted: A number in the parameter's unit, or one of its texts.

        Raises:
            PluginError: There is no such parameter, or it never shows that.
        """
        native = self._native(key)
        read = self._reader(native)
        steps = int(native.num_steps)
        if 2 <= steps <= _HALVINGS * 20:
            by_text = {read(n / (steps - 1)).strip().lower(): n / (steps - 1) for n in range(steps)}
            if str(wanted).strip().lower() in by_text:
                return by_text[str(wanted).strip().lower()]
        number = wanted if isinstance(wanted, int | float) else number_in(str(wanted))
        low, high = number_in(read(0.0)), number_in(read(1.0))
        if number is None or low is None or high is None or low == high:
            raise PluginError(f"{self.name}: {key} has no value {wanted!r}; see its choices")
        if not min(low, high) <= number <= max(low, high):
            raise PluginError(
                f"{self.name}: {key}: found {number:g}, allowed is {min(low, high):g} to "
                f"{max(low, high):g} {native.label or ''}".rstrip()
            )
        return _bisect(read, float(number), rising=high > low)

    def set_raw(self, values: dict[str, float]) -> None:
        """Set parameters by raw value, 0..1, in every instance."""
        for key, raw in values.items():
            index = self._native(key).index
            for instance in self._instances:
                instance._parameters[index].raw_value = min(max(float(raw), 0.0), 1.0)
        self._flush()

    def _native(self, key: str) -> Any:
        shown = dict(self._shown())
        if key not in shown:
            raise PluginError(
                f"{self.name}: has no parameter {key!r}; it has {', '.join(shown) or 'none'}"
            )
        return shown[key]

    # State ----------------------------------------------------------------------------------

    def state(self) -> bytes:
        """The whole state: a ``.vstpreset``, or an Audio Unit's raw state."""
        return self._state_of(self.first)

    def _state_of(self, instance: Any) -> bytes:
        data = instance.preset_data if self.path.suffix == ".vst3" else instance.raw_state
        return bytes(data)

    def set_state(self, state: bytes) -> None:
        """Restore a state in every instance.

        Raises:
            PluginError: It is not a state of this plugin.
        """
        if state == self.state():
            return  # a plugin without any parameters refuses even its own state
        for instance in self._instances:
            self._restore(instance, state)
        self._flush()

    def _flush(self) -> None:
        """Let new values arrive: a plugin takes them, and its state holds them, as it processes."""
        if not self.widths:
            return
        silence = np.zeros((self.widths[0], _SETTLING * BUFFER_FRAMES), dtype=np.float32)
        for instance in self._instances:
            instance.process(silence, self._rate, buffer_size=BUFFER_FRAMES, reset=False)

    def _restore(self, instance: Any, state: bytes) -> None:
        try:
            if self.path.suffix != ".vst3":
                type(instance).raw_state.__set__(instance, state)
                return
            with tempfile.TemporaryDirectory(prefix="text2fx-") as folder:
                file = Path(folder) / "state.vstpreset"
                file.write_bytes(state)
                instance.load_preset(str(file))
        except (RuntimeError, ValueError) as error:
            raise PluginError(
                f"{self.name}: the state is not one of this plugin: {_said(error)}"
            ) from error

    # Sound ----------------------------------------------------------------------------------

    def start(self, channels: int, sample_rate: float) -> None:
        """Get ready for a sound of that many channels, from silence.

        Raises:
            PluginError: It is an instrument, or takes neither one nor two channels.
        """
        self._rate = float(sample_rate)
        needed = len(list(self._lanes(channels)))
        state = self.state()
        while len(self._instances) < needed:
            fresh = self._load()
            self._instances.append(fresh)
            if state != self._state_of(fresh):
                self._restore(fresh, state)
        self._flush()
        for instance in self._instances:
            instance.reset()

    def _lanes(self, channels: int) -> Iterator[slice]:
        if not self.widths:
            raise PluginError(
                f"{self.name}: takes neither mono nor stereo sound; it cannot be used here"
            )
        width = 2 if 2 in self.widths and (channels > 1 or 1 not in self.widths) else 1
        for first in range(0, channels, width):
            yield slice(first, min(first + width, channels))

    def process(self, chunk: Samples) -> Samples:
        """One chunk after :meth:`start`; full buffers only.

        The plugin's latency is taken off at the start: the first chunks give fewer samples, and
        silence must follow the sound to get the rest.

        Args:
            chunk: Shape [channels, n], n a multiple of ``BUFFER_FRAMES``.

        Returns:
            Shape [channels, up to n].
        """
        out = []
        for instance, lane in zip(self._instances, self._lanes(len(chunk)), strict=False):
            part = chunk[lane]
            single = len(part) == 1 and 1 not in self.widths
            sent = np.repeat(part, 2, axis=0) if single else part
            heard = instance.process(
                np.ascontiguousarray(sent), self._rate, buffer_size=BUFFER_FRAMES,
                reset=False,
            )  # fmt: skip
            out.append(heard.mean(axis=0, keepdims=True) if single else heard)
        length = min(part.shape[1] for part in out)
        joined: Samples = np.concatenate([part[:, :length] for part in out])
        return joined.astype(np.float32, copy=False)


def _bisect(read: Callable[[float], str], wanted: float, *, rising: bool) -> float:
    """Middle of the raw values at which the text comes nearest to a number."""
    below, above = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        value = number_in(read(middle))
        if value is None:
            break
        if (value < wanted) == rising and value != wanted:
            below = middle
        else:
            above = middle
    nearest = min((below, above), key=lambda raw: abs((number_in(read(raw)) or 0.0) - wanted))
    text, start, end = read(nearest), nearest, 1.0
    for _ in range(_HALVINGS):  # where does this text end?
        middle = (start + end) / 2
        start, end = (middle, end) if read(middle) == text else (start, middle)
    return (nearest + start) / 2


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
