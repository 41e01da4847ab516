"""Words and phrases with the effect intents that they mean.

The data are ``presets/lexicon/*.jsonl``; everything here reads, checks and answers from them.
"""

from __future__ import annotations

from text2fx_studio.errors import LexiconError
from text2fx_studio.lexicon.entry import BAND_CENTERS_HZ, Entry, Space
from text2fx_studio.lexicon.lexicon import Lexicon
from text2fx_studio.lexicon.load import load_lexicon

__all__ = ["BAND_CENTERS_HZ", "Entry", "Lexicon", "LexiconError", "Space", "load_lexicon"]
