"""File names from any text."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2fx_studio.export.names import LONGEST_BYTES, file_name


@given(st.text(max_size=300))
def test_any_text_gives_one_plain_name(text):
    name = file_name(text)
    assert name
    assert len(name.encode()) <= LONGEST_BYTES + 1
    for kind in (PurePosixPath, PureWindowsPath):
        assert kind(name).name == name
        assert not kind(name).drive
    assert name.isprintable()
    assert name == name.strip(" .")
    assert not set(name) & set('<>:"/\\|?*')
    assert file_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Wärme für Stimme", "Wärme für Stimme"),
        ("漢字かな", "漢字かな"),
        ("../../etc/passwd", "etc_passwd"),
        ("CON", "CON_"),
        ("com1.wav", "com1.wav_"),
        ("", "preset"),
        ("...", "preset"),
        ("a\x00b\nc", "a_b_c"),
        ("emoji 🎛 knob", "emoji _ knob"),
    ],
)
def test_examples(text, name):
    assert file_name(text) == name
