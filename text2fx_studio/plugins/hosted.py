"""A plugin's place in a setting, as plain data: which one, where in the chain, and its state.

The state is kept whether or not the plugin is installed, so a preset that is opened on another
machine and saved again loses nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from text2fx_studio.errors import PluginError

Format = Literal["VST3", "AudioUnit"]
Place = Literal["before", "after"]
FORMATS: tuple[Format, ...] = ("VST3", "AudioUnit")
PLACES: tuple[Place, ...] = ("before", "after")
LARGEST_STATE_BYTES = 4_000_000
MOST = 16  # plugins in one preset


@dataclass(frozen=True)
class HostedPlugin:
    """One plugin of a chain. Immutable.

    Attributes:
        name: The plugin's own name.
        format: ``VST3`` or ``AudioUnit``.
        identifier: The VST3 class id (32 hexadecimal digits) or the Audio Unit's four-letter codes.
        place: Before or after the app's own effects; several run in the order of the list.
        enabled: False bypasses it and keeps its state.
        manufacturer: As the plugin says; may be empty.
        version: As the plugin says; may be empty.
        path: Where it was last found; a hint, another machine keeps it elsewhere.
        state: VST3: a ``.vstpreset``; Audio Unit: its raw state. Empty for the plugin's default.
    """

    name: str
    identifier: str
    format: Format = "VST3"
    place: Place = "after"
    enabled: bool = True
    manufacturer: str = ""
    version: str = ""
    path: str = ""
    state: bytes = b""

    def to_data(self) -> dict[str, Any]:
        """Plain data; empty fields are left out, the state is base64."""
        data: dict[str, Any] = {
            "name": self.name,
            "format": self.format,
            "identifier": self.identifier,
            "place": self.place,
            "enabled": self.enabled,
        }
        for name in ("manufacturer", "version", "path"):
            if value := getattr(self, name):
                data[name] = value
        if self.state:
            data["state"] = base64.b64encode(self.state).decode("ascii")
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_data`; the schema has been checked before.

        Raises:
            PluginError: The state is not base64, or too large.
        """
        values = dict(data)
        text = values.pop("state", "")
        try:
            state = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise PluginError(
                f"plugin {values.get('name')!r}: its state is not base64 ({error}); "
                "save the preset again where the plugin is installed"
            ) from error
        if len(state) > LARGEST_STATE_BYTES:
            raise PluginError(
                f"plugin {values.get('name')!r}: its state has {len(state):,} bytes, allowed are "
                f"{LARGEST_STATE_BYTES:,}"
            )
        return cls(**values, state=state)


def read_plugins(data: object) -> tuple[HostedPlugin, ...]:
    """A list of plugins from plain data that nothing has checked yet.

    Raises:
        PluginError: It is no such list.
    """
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema({})).iter_errors(data):
        raise PluginError(f"plugins: {error.message[:200]}")
    return tuple(HostedPlugin.from_data(item) for item in data)  # type: ignore[attr-defined]


def schema(line: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a preset's list of plugins.

    Args:
        line: What every text of one line must keep to.
    """
    text = {"type": "string", "maxLength": 200, **line}
    return {
        "type": "array",
        "maxItems": MOST,
        "description": "Plugins of other makers, in signal order.",
        "items": {
            "type": "object",
            "required": ["name", "format", "identifier"],
            "additionalProperties": False,
            "properties": {
                "name": {**text, "minLength": 1},
                "format": {"enum": list(FORMATS)},
                "identifier": {**text, "minLength": 1},
                "place": {"enum": list(PLACES), "default": "after"},
                "enabled": {"type": "boolean", "default": True},
                "manufacturer": text,
                "version": text,
                "path": {"type": "string", "maxLength": 4096, **line},
                "state": {
                    "type": "string",
                    "maxLength": LARGEST_STATE_BYTES * 4 // 3 + 4,
                    "pattern": "^[A-Za-z0-9+/]*={0,2}$",
                    "description": "VST3: a .vstpreset; Audio Unit: raw; both as base64.",
                },
            },
        },
    }
