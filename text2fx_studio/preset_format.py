"""The preset format: strict JSON, its schema made from the declared parameters, and the check.

Nothing here loads torch except :func:`preset_schema`, so presets are listed and checked at once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from text2fx_studio.errors import PresetError

FORMAT = "t2fx"
VERSION = 1
LARGEST_BYTES = 16_000_000  # the states of plugins may be large; all else is a few thousand
DEEPEST = 8  # levels of nesting; a preset needs five
LARGEST_SEED = 2**32 - 1


def parse(raw: bytes, where: str) -> object:
    """Read JSON strictly: UTF-8, no NaN, no key twice, bounded in size.

    Raises:
        PresetError: ``raw`` is not such JSON.
    """
    if len(raw) > LARGEST_BYTES:
        raise PresetError(f"{where}: larger than {LARGEST_BYTES:,} bytes, this is not a preset")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PresetError(
            f"{where}: not UTF-8 text (byte {error.start}), this is not a preset"
        ) from error

    def refuse(constant: str) -> float:
        raise PresetError(f"{where}: found {constant}, every number must be finite")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise PresetError(f"{where}: field {brief(twice)} stands twice in one object")
        return found

    try:
        data: object = json.loads(text, parse_constant=refuse, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise PresetError(
            f"{where}: not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from error
    except RecursionError as error:
        raise PresetError(f"{where}: nested too deeply, this is not a preset") from error
    except ValueError as error:  # an integer with more digits than Python converts
        raise PresetError(f"{where}: a number is too long, this is not a preset") from error
    return data


def check_data(data: object, where: str) -> dict[str, Any]:
    """Return ``data`` if it is a valid preset of this version.

    Raises:
        PresetError: Names ``where``, the field, what was found and what is allowed.
    """
    from jsonschema import Draft202012Validator

    _check_plain(data, where)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise PresetError(f'{where}: field "format" must be "{FORMAT}", this is not a preset')
    version = data.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise PresetError(
            f"{where}: made by a newer version (preset version {brief(version)}, this app reads "
            f"{VERSION}); update text2fx-studio"
        )
    validator = Draft202012Validator(shipped_schema())
    for error in validator.iter_errors(data):
        raise PresetError(f"{where}: {_explain(error)}")
    return data


def _check_plain(data: object, where: str) -> None:
    """Walk the data without recursion: finite numbers, valid Unicode, shallow, plain types."""
    waiting: list[tuple[object, int]] = [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise PresetError(f"{where}: nested deeper than {DEEPEST} levels, this is not a preset")
        if isinstance(value, Mapping):
            waiting += [(item, depth + 1) for pair in value.items() for item in pair]
        elif isinstance(value, list | tuple):
            waiting += [(item, depth + 1) for item in value]
        elif isinstance(value, str):
            if any("\ud800" <= c <= "\udfff" for c in value):
                raise PresetError(f"{where}: {brief(value)} is not valid Unicode text")
        elif isinstance(value, float) and not math.isfinite(value):
            raise PresetError(f"{where}: found {value}, every number must be finite")


def _explain(error: Any) -> str:
    """One sentence on a schema error: the field, what was found, what is allowed."""
    field = ""
    for step in error.absolute_path:
        field += f"[{step}]" if isinstance(step, int) else f".{step}"
    name = f'field "{field.lstrip(".")}"' if field else "the preset"
    found, rule = brief(error.instance), error.validator_value
    match error.validator:
        case "required":
            missing = [key for key in rule if key not in error.instance]
            return f'{name} lacks the field "{missing[0]}"'
        case "additionalProperties":
            extra = sorted(set(error.instance) - set(error.schema.get("properties", {})))
            return f"{name} has an unknown field {brief(extra[0])}"
        case "minimum":
            return f"{name}: found {found}, the smallest allowed value is {rule}"
        case "maximum":
            return f"{name}: found {found}, the largest allowed value is {rule}"
        case "enum":
            return f"{name}: found {found}, allowed are {', '.join(map(str, rule))}"
        case "const":
            return f"{name}: found {found}, must be {json.dumps(rule)}"
        case "type":
            return f"{name}: found {found}, must be of type {rule}"
        case "minLength" | "minItems":
            return f"{name}: found {found}, must not be empty or shorter than {rule}"
        case "maxLength" | "maxItems":
            return f"{name}: longer than {rule}"
        case "contains" | "maxContains":
            return f"{name}: an effect stands more than once; each may once"
        case "not":
            return f"{name}: found {found}, control characters are not allowed"
        case _:
            return f"{name}: found {found}, which is not of the form that is needed"


def brief(value: object) -> str:
    """A value as one short printable piece of text, for messages."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return "a number of more than 30 digits"
    if isinstance(value, Mapping | list | tuple):
        return "an object" if isinstance(value, Mapping) else "a list"
    text = ascii(value) if isinstance(value, str) else json.dumps(value, default=repr)
    return text if len(text) <= 60 else text[:57] + "..."


@cache
def shipped_schema() -> dict[str, Any]:
    """The schema file that ships with the app."""
    text = resources.files("presets").joinpath("schema/preset.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def preset_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a preset, made from the declared parameters."""
    from dsp.chain import EFFECTS
    from text2fx_studio.plugins.hosted import schema as plugin_schema

    score = {"type": "number", "minimum": -1000, "maximum": 1000}
    line = {"not": {"pattern": "[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "text2fx-studio preset",
        "description": "Effect settings in physical units, with how they were found.",
        "type": "object",
        "required": ["format", "version", "name", "chain"],
        "additionalProperties": False,
        "properties": {
            "format": {"const": FORMAT},
            "version": {"type": "integer", "const": VERSION},
            "name": {"type": "string", "minLength": 1, "maxLength": 200, **line},
            "description": {"type": "string", "maxLength": 2000, **line},
            "tags": {
                "type": "array",
                "maxItems": 32,
                "items": {"type": "string", "minLength": 1, "maxLength": 40, **line},
            },
            "prompt": {"type": "string", "minLength": 1, "maxLength": 500, **line},
            "loss": {"enum": ["cosine", "directional"]},
            "space": {"enum": ["full", "centred", "plshead", "plshead-w"]},
            "seed": {"type": "integer", "minimum": 0, "maximum": LARGEST_SEED},
            "amount": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "description": "Share of the found setting; already applied to the chain.",
            },
            "encoder": {"type": "string", "minLength": 1, "maxLength": 200, **line},
            "weights_hash": {
                "type": "string",
                "minLength": 64,
                "maxLength": 64,
                "pattern": "^[0-9a-f]{64}$",
                "description": "SHA-256 of the encoder's weights.",
            },
            "score_dry": score,
            "score_wet": score,
            "accepted": {"type": "boolean"},
            "app_version": {"type": "string", "minLength": 1, "maxLength": 60, **line},
            "created": {
                "type": "string",
                "maxLength": 40,
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                "(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
                **line,
            },
            "chain": {
                "type": "array",
                "maxItems": 16,
                "description": "Effects in signal order, each kind at most once.",
                "items": {"$ref": "#/$defs/effect"},
                "allOf": [
                    {"contains": _is_kind(kind), "minContains": 0, "maxContains": 1}
                    for kind in EFFECTS
                ],
            },
            "plugins": plugin_schema(line),
        },
        "$defs": {
            "effect": {
                "type": "object",
                "required": ["effect"],
                "additionalProperties": False,
                "properties": {
                    "effect": {"enum": list(EFFECTS)},
                    "enabled": {"type": "boolean", "default": True},
                    "parameters": {"type": "object"},
                },
                "allOf": [
                    {
                        "if": _is_kind(kind),
                        "then": {"properties": {"parameters": {"$ref": f"#/$defs/{kind}"}}},
                    }
                    for kind in EFFECTS
                ],
            },
            **{kind: _effect_schema(effect) for kind, effect in EFFECTS.items()},
        },
    }


def _is_kind(kind: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["effect"],
        "properties": {"effect": {"const": kind}},
    }


def _effect_schema(effect: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "title": effect.title,
        "description": "Parameters that are left out take their default.",
        "additionalProperties": False,
        "properties": {
            p.name: {
                "type": "number",
                "title": p.title,
                "description": f"{p.unit or 'ratio'}, {p.scale} scale. {p.help}".strip(),
                "minimum": p.low,
                "maximum": p.high,
                "default": p.default,
            }
            for p in effect.parameters
        },
    }
