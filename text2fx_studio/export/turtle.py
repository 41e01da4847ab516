"""The little Turtle that LV2 preset bundles need."""

from __future__ import annotations

import json

PREFIXES = """\
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix pset: <http://lv2plug.in/ns/ext/presets#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix state: <http://lv2plug.in/ns/ext/state#> .
"""


def quoted(text: str) -> str:
    """A Turtle string; JSON's escapes of ASCII text are Turtle's too, but for the far planes."""
    return "".join(
        f"\\U{ord(c):08X}" if ord(c) > 0xFFFF else json.dumps(c)[1:-1] for c in text
    ).join('""')


def manifest(presets: list[tuple[str, str, str]]) -> bytes:
    """The bundle's manifest.

    Args:
        presets: (file, label, URI of the plugin) of each.
    """
    parts = [PREFIXES]
    for file, label, plugin in presets:
        parts.append(
            f"<{file}>\n\ta pset:Preset ;\n\tlv2:appliesTo <{plugin}> ;\n"
            f"\trdfs:label {quoted(label)} ;\n\trdfs:seeAlso <{file}> .\n"
        )
    return "\n".join(parts).encode()


def preset(label: str, plugin: str, ports: dict[str, float], more: str = "") -> bytes:
    """One preset's file: every port with its value, and more statements about the preset."""
    rows = " ,\n".join(
        f'\t[ lv2:symbol "{symbol}" ; pset:value {value:.9f} ]' for symbol, value in ports.items()
    )
    return (
        f"{PREFIXES}\n<>\n\ta pset:Preset ;\n\tlv2:appliesTo <{plugin}> ;\n"
        f"\trdfs:label {quoted(label)} ;\n{more}\tlv2:port\n{rows} .\n"
    ).encode()
