"""Presets: exact round trips, and a clear refusal of everything else."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dsp.chain import EFFECTS, Chain
from dsp.effect import Effect
from text2fx_studio import Preset, load_preset, save_preset
from text2fx_studio.errors import OutputError, PresetError
from text2fx_studio.preset import dump, preset_from_result
from text2fx_studio.preset_format import (
    LARGEST_BYTES,
    LARGEST_SEED,
    check_data,
    parse,
    preset_schema,
    shipped_schema,
)
from text2fx_studio.search.result import SearchResult

ROOT = Path(__file__).resolve().parent.parent


@st.composite
def effects(draw: st.DrawFn, kind: str) -> Effect:
    effect = EFFECTS[kind]
    values = {
        p.name: draw(st.floats(p.low, p.high, allow_nan=False))
        for p in effect.parameters
        if draw(st.booleans())
    }
    return effect(values, draw(st.booleans()))


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    kinds = draw(st.lists(st.sampled_from(sorted(EFFECTS)), unique=True, max_size=3))
    return Chain(tuple(draw(effects(kind)) for kind in kinds))


def _text(longest: int) -> st.SearchStrategy[str]:
    allowed = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
    return st.text(allowed, min_size=1, max_size=longest)


_SCORES = st.none() | st.floats(-1, 1)

PRESETS = st.builds(
    Preset,
    chain=chains(),
    name=_text(40),
    description=st.just("") | _text(100),
    tags=st.lists(_text(10), max_size=4).map(tuple),
    prompt=st.none() | _text(60),
    loss=st.sampled_from([None, "cosine", "directional"]),
    space=st.sampled_from([None, "full", "centred", "plshead", "plshead-w"]),
    seed=st.none() | st.integers(0, LARGEST_SEED),
    amount=st.none() | st.floats(0, 1),
    encoder=st.none() | _text(20),
    weights_hash=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
    score_dry=_SCORES,
    score_wet=_SCORES,
    accepted=st.none() | st.booleans(),
    app_version=st.none() | _text(10),
    created=st.sampled_from([None, "2025-01-17T12:00:00Z", "2025-01-17T12:00:00.5+02:00"]),
)


@given(PRESETS)
@settings(max_examples=60)
def test_round_trip_is_exact(preset: Preset) -> None:
    text = dump(preset)
    again = Preset.from_data(parse(text.encode(), "p"), "p")
    assert again == preset
    assert dump(again) == text


@given(PRESETS)
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_round_trip_through_a_file(tmp_path: Path, preset: Preset) -> None:
    path = tmp_path / "p.t2fx.json"
    save_preset(preset, path, overwrite=True)
    assert load_preset(path) == preset
    assert list(tmp_path.iterdir()) == [path]


_JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["eq", "reverb", 10**400, -1, 1e308, "", "t2fx"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def _places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in the data."""
    found = [path] if path else []
    items = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in items:
        found += _places(value, (*path, key))
    return found


@given(PRESETS, st.data())
@settings(max_examples=250)
def test_any_change_gives_a_valid_preset_or_a_preset_error(preset: Preset, data: Any) -> None:
    plain = json.loads(dump(preset))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(_places(plain)))
        holder = plain
        for step in way:
            holder = holder[step]
        if data.draw(st.booleans()):
            holder[last] = data.draw(_JUNK)
        elif isinstance(holder, dict):
            del holder[last]
            holder[data.draw(st.text(max_size=6))] = data.draw(_JUNK)
        if not _places(plain):
            break
    raw = json.dumps(plain).encode("utf-8", "surrogatepass")
    try:
        changed = Preset.from_data(parse(raw, "file.t2fx.json"), "file.t2fx.json")
    except PresetError as error:
        said = str(error)
    else:
        said = "file.t2fx.json"
        assert Preset.from_data(json.loads(dump(changed))) == changed
        assert Draft202012Validator(shipped_schema()).is_valid(plain)
    assert "file.t2fx.json" in said
    assert len(said) < 600


@given(PRESETS, st.data())
@settings(max_examples=150)
def test_damaged_bytes_give_a_valid_preset_or_a_preset_error(preset: Preset, data: Any) -> None:
    raw = bytearray(dump(preset).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        stop = data.draw(st.integers(start, min(start + 20, len(raw))))
        raw[start:stop] = data.draw(st.binary(max_size=6))
    try:
        changed = Preset.from_data(parse(bytes(raw), "f"), "f")
    except PresetError as error:
        said = str(error)
    else:
        said = f"f: {dump(changed)}"
    assert said.startswith("f: ")


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(PresetError, match=r"^f: "):
        Preset.from_data(parse(raw, "f"), "f")


def _valid() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(dump(Preset(Chain.parse("eq,reverb"), "x", seed=1)))
    return data


def _bad(tmp_path: Path, content: bytes | str) -> str:
    path = tmp_path / "bad.t2fx.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PresetError) as caught:
        load_preset(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "content, said",
    [
        ("", "not valid JSON"),
        ("[1, 2", "not valid JSON"),
        ("[]", '"format"'),
        ("null", '"format"'),
        ('{"format": "vst"}', '"format"'),
        ('{"format": "t2fx", "version": NaN}', "NaN"),
        ('{"format": "t2fx", "version": 1, "seed": -Infinity}', "-Infinity"),
        ('{"format": "t2fx", "version": 1, "amount": 1e999}', "finite"),
        ('{"format": "t2fx", "format": "t2fx", "version": 1}', "'format' stands twice"),
        ('{"format": "t2fx", "version": 1, "name": "\\ud800"}', "Unicode"),
        ('{"format": "t2fx", "version": 9}', "newer version"),
        ('{"format": "t2fx", "version": ' + "9" * 5000 + "}", "too long"),
        (b'{"format": "\xff\xfe"}', "UTF-8"),
        ("[" * 100_000, "deep"),
        ('{"format": "t2fx", "version": 1, "a": ' + "[" * 40 + "]" * 40 + "}", "deep"),
        (" " * (LARGEST_BYTES + 1), "larger than"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_files_that_are_no_presets(tmp_path: Path, content: bytes | str, said: str) -> None:
    assert said in _bad(tmp_path, content)


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda d: d.pop("name"), 'lacks the field "name"'),
        (lambda d: d.pop("chain"), 'lacks the field "chain"'),
        (lambda d: d.update(name=""), '"name"'),
        (lambda d: d.update(name="a\nb"), "control characters"),
        (lambda d: d.update(version=True), '"version"'),
        (lambda d: d.update(loudness=1), "unknown field 'loudness'"),
        (lambda d: d.update(seed=-1), '"seed": found -1'),
        (lambda d: d.update(seed=1.5), '"seed": found 1.5'),
        (lambda d: d.update(amount=2), "largest allowed value is 1"),
        (lambda d: d.update(loss="l2"), "allowed are cosine, directional"),
        (lambda d: d.update(weights_hash="ABC"), '"weights_hash"'),
        (lambda d: d.update(weights_hash="g" * 64), '"weights_hash"'),
        (lambda d: d.update(created="yesterday"), '"created"'),
        (lambda d: d.update(created="2025-01-17T12:00:00Z\n"), '"created"'),
        (lambda d: d.update(tags=["a", 1]), '"tags[1]"'),
        (lambda d: d["chain"].append({"effect": "eq"}), "more than once"),
        (lambda d: d["chain"].append({"effect": "flanger"}), '"chain[2].effect"'),
        (lambda d: d["chain"].append({}), 'lacks the field "effect"'),
        (lambda d: d["chain"].append("eq"), '"chain[2]"'),
        (lambda d: d["chain"][0].update(enabled=1), '"chain[0].enabled"'),
        (lambda d: d["chain"][0].update(parameters=[]), '"chain[0].parameters"'),
        (
            lambda d: d["chain"][0]["parameters"].update(low_shelf_gain_db=18.5),
            '"chain[0].parameters.low_shelf_gain_db": found 18.5',
        ),
        (lambda d: d["chain"][0]["parameters"].update(t60_s=1.0), "unknown field 't60_s'"),
        (lambda d: d["chain"][1]["parameters"].update(t60_s=True), "parameters.t60_s"),
        (lambda d: d["chain"][1]["parameters"].update(t60_s="1"), "parameters.t60_s"),
    ],
)
def test_the_field_is_named(tmp_path: Path, change: Any, said: str) -> None:
    data = _valid()
    change(data)
    assert said in _bad(tmp_path, json.dumps(data))


def test_what_may_be_left_out_takes_its_default(tmp_path: Path) -> None:
    path = tmp_path / "p.t2fx.json"
    path.write_text(
        '\ufeff{"format": "t2fx", "version": 1, "name": "x", "chain": [{"effect": "eq"}]}',
        encoding="utf-8",
    )
    assert load_preset(path) == Preset(Chain.parse("eq"), "x")


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="no such file"):
        load_preset(tmp_path / "none.t2fx.json")
    with pytest.raises(PresetError, match="folder"):
        load_preset(tmp_path)
    with pytest.raises(PresetError, match=r"cannot be read|no such file"):
        load_preset("a\0b")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(PresetError):
            load_preset(tmp_path / "pipe")


def test_saving_never_replaces_unasked_and_never_half_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.t2fx.json"
    first, second = (Preset(Chain.parse("eq"), name) for name in ("one", "two"))
    save_preset(first, path)
    with pytest.raises(OutputError, match="exists already"):
        save_preset(second, path)
    assert load_preset(path) == first
    save_preset(second, path, overwrite=True)
    assert load_preset(path) == second

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="disk is full"):
        save_preset(first, path, overwrite=True)
    monkeypatch.undo()
    assert load_preset(path) == second
    assert list(tmp_path.iterdir()) == [path]


def test_an_invalid_preset_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "p.t2fx.json"
    for preset in (
        Preset(Chain(), ""),
        Preset(Chain(), "x", score_dry=math.nan),
        Preset(Chain(), "x", prompt="w" * 501),
        Preset(Chain(), "x", seed=-1),
        Preset(Chain(), "\ud800"),
    ):
        with pytest.raises(PresetError):
            save_preset(preset, path)
    assert list(tmp_path.iterdir()) == []


def test_a_result_becomes_a_preset_as_it_sounds() -> None:
    chain = Chain.parse("eq")
    result = SearchResult(
        prompt="warm", chain=chain, proposal=chain, score_dry=0.1, score_wet=0.2, accepted=True,
        reason="", loss="cosine", space="full", amount=0.5, seed=3, encoder_id="e",
        weights_hash="a" * 64, device="cpu", steps=1, seconds=0.1,
    )  # fmt: skip
    preset = preset_from_result(result, tags=("t",))
    assert preset.chain == chain
    assert (preset.name, preset.prompt, preset.amount, preset.seed) == ("warm", "warm", 0.5, 3)
    assert preset.created is None
    assert dump(preset) == dump(preset_from_result(result, tags=("t",)))


def test_the_shipped_schema_is_the_declared_one() -> None:
    shipped = (ROOT / "presets" / "schema" / "preset.schema.json").read_text("utf-8")
    assert json.loads(shipped) == preset_schema() == shipped_schema()
    Draft202012Validator.check_schema(preset_schema())


def test_the_schema_has_every_declared_range() -> None:
    definitions = preset_schema()["$defs"]
    for kind, effect in EFFECTS.items():
        for parameter in effect.parameters:
            rule = definitions[kind]["properties"][parameter.name]
            assert (rule["minimum"], rule["maximum"]) == (parameter.low, parameter.high)
            for value in (parameter.low, parameter.high):
                item = {"effect": kind, "parameters": {parameter.name: value}}
                check_data({"format": "t2fx", "version": 1, "name": "x", "chain": [item]}, "p")
