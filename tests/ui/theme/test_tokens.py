import re
from itertools import product

import pytest

from ui.theme.theme import RESOURCES
from ui.theme.tokens import DARK, LIGHT, TEXT_PAIRS, Tokens, contrast_ratio

BOTH = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.name)


def test_contrast_of_black_and_white_is_21():
    assert contrast_ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast_ratio("#777777", "#777777") == pytest.approx(1)


@BOTH
def test_every_pair_that_carries_text_reads(tokens: Tokens):
    colours = tokens.colours()
    poor = {
        (text, ground): round(contrast_ratio(colours[text], colours[ground]), 2)
        for text, ground in TEXT_PAIRS
        if contrast_ratio(colours[text], colours[ground]) < 4.5
    }
    assert poor == {}


@BOTH
def test_lines_that_carry_meaning_stand_out_of_the_plot(tokens: Tokens):
    # WCAG 1.4.11: 3:1 for graphics that are needed to understand.
    for colour, ground in product((tokens.wet, tokens.dry), (tokens.field, tokens.panel)):
        assert contrast_ratio(colour, ground) >= 3.0
    assert contrast_ratio(tokens.wet, tokens.track) >= 3.0


@BOTH
def test_colours_are_six_digits(tokens: Tokens):
    assert all(re.fullmatch("#[0-9A-F]{6}", c) for c in tokens.colours().values())


@BOTH
def test_the_controls_drawings_use_the_tokens(tokens: Tokens):
    folder = RESOURCES / "controls" / tokens.name
    used = {c for f in folder.glob("*.svg") for c in re.findall("#[0-9A-Fa-f]{6}", f.read_text())}
    assert used == {tokens.muted, tokens.on_wet, tokens.text}
