"""The data: valid, broad, and on the right side in physics and meaning."""

from __future__ import annotations

import numpy as np
import pytest

from text2fx_studio.lexicon import Lexicon, load_lexicon
from text2fx_studio.lexicon.curve import intent_curve_db
from text2fx_studio.lexicon.entry import Entry, normalize
from text2fx_studio.lexicon.validate import opposed, validate_folder

# Constant ratios: pink noise has equal power in each of these steps.
PINK_HZ = np.geomspace(40.0, 16_000.0, 200)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


def centroid_octaves(entry: Entry) -> float:
    """Power-weighted mean of log2 frequency over pink noise shaped by the entry."""
    power = 10.0 ** (intent_curve_db(entry, PINK_HZ) / 10.0)
    return float(np.sum(power * np.log2(PINK_HZ)) / np.sum(power))


FLAT_OCTAVES = float(np.mean(np.log2(PINK_HZ)))

RISING = (
    "bright", "crisp", "airy", "tinny", "sparkling", "harsh", "shrill", "sharp", "thin", "sibilant",
    "metallic", "glassy", "crystal clear", "brilliant", "icy", "cold", "trebly", "hiss", "piercing",
    "more treble", "cut the bass", "add air", "needle", "bird", "cymbal", "hi hat", "violin",
    "piccolo", "glittering", "less muddy", "not muffled", "very bright", "breathy",
    "white noise", "tweeter", "high pass at 500 hz", "glockenspiel", "minty", "edgy",
)  # fmt: skip
FALLING = (
    "warm", "dark", "muffled", "boomy", "muddy", "dull", "deep", "bassy", "mellow", "distant",
    "underwater", "behind a wall", "fat", "heavy", "thick", "wooly", "subby", "rumbling", "round",
    "velvety", "cello", "double bass", "tuba", "kick drum", "thunder", "more bass", "cave",
    "cut the treble", "less harsh", "de-ess", "vintage", "lo-fi", "sad", "calm", "sleepy",
    "subwoofer",
    "under a pillow", "low pass at 1 khz", "in the womb", "very dark", "elephant", "chocolate",
)  # fmt: skip


@pytest.mark.parametrize("word", RISING)
def test_word_raises_the_centroid(lexicon: Lexicon, word: str) -> None:
    entry = lexicon.lookup(word)
    assert entry is not None, word
    assert centroid_octaves(entry) > FLAT_OCTAVES + 0.15


@pytest.mark.parametrize("word", FALLING)
def test_word_lowers_the_centroid(lexicon: Lexicon, word: str) -> None:
    entry = lexicon.lookup(word)
    assert entry is not None, word
    assert centroid_octaves(entry) < FLAT_OCTAVES - 0.15


@pytest.mark.parametrize("word", ["telephone", "over the phone", "telephone effect", "landline"])
def test_telephone_is_the_band_from_300_to_3400_hz(lexicon: Lexicon, word: str) -> None:
    entry = lexicon.lookup(word)
    assert entry is not None
    inside = intent_curve_db(entry, np.geomspace(400.0, 2800.0, 20)).mean()
    below, above = intent_curve_db(entry, [80.0, 12_000.0])
    assert inside - below > 20.0
    assert inside - above > 20.0


@pytest.mark.parametrize(
    ("word", "center_hz", "sign"),
    [
        ("boost 60 hz", 60, 1), ("cut 100 hz", 110, -1), ("carve out 300 hz", 350, -1),
        ("boost 800 hz", 800, 1), ("boost 3k", 3000, 1), ("cut 5k", 4500, -1),
        ("boost 8k", 8000, 1), ("cut 10k", 12_000, -1), ("add air above 12k", 14_000, 1),
    ],
)  # fmt: skip
def test_numbered_request_moves_its_own_frequency_most(
    lexicon: Lexicon, word: str, center_hz: float, sign: int
) -> None:
    entry = lexicon.lookup(word)
    assert entry is not None
    frequencies = np.geomspace(50.0, 15_000.0, 200)
    curve = sign * intent_curve_db(entry, frequencies)
    peak_hz = frequencies[int(np.argmax(curve))]
    assert curve.max() > 3.0
    assert abs(np.log2(peak_hz / center_hz)) < 0.9


@pytest.mark.parametrize(
    "rising",
    [
        ("slightly bright", "bright", "very bright", "extremely bright"),
        ("extremely dark", "very dark", "dark", "slightly dark"),
        ("extremely muffled", "very muffled", "muffled", "slightly muffled"),
        ("very tinny", "tinny", "slightly tinny")[::-1],
        ("very boomy", "boomy", "slightly boomy"),
        ("extremely warm", "very warm", "slightly warm"),
    ],
)
def test_degrees_stand_in_order(lexicon: Lexicon, rising: tuple[str, ...]) -> None:
    entries = [lexicon.lookup(word) for word in rising]
    centroids = [centroid_octaves(entry) for entry in entries if entry is not None]
    assert len(centroids) == len(rising)
    assert centroids == sorted(centroids)


def test_rooms_stand_in_order(lexicon: Lexicon) -> None:
    names = ["closet", "small room", "bathroom", "concert hall", "church", "cathedral"]
    spaces = [entry.space for entry in map(lexicon.lookup, names) if entry is not None]
    times = [space.t60_s for space in spaces if space is not None]
    assert len(times) == len(names)
    assert times == sorted(times)


@pytest.mark.parametrize("word", ["dry", "no reverb", "anechoic", "close", "intimate", "dead dry"])
def test_dry_words_are_dry(lexicon: Lexicon, word: str) -> None:
    entry = lexicon.lookup(word)
    assert entry is not None
    assert entry.space is not None
    assert entry.space.wet <= 0.08
    assert entry.space.t60_s <= 0.3


@pytest.mark.parametrize("word", ["warm", "bright", "tinny", "boost the bass", "de-ess", "nasal"])
def test_timbre_words_say_nothing_about_space(lexicon: Lexicon, word: str) -> None:
    entry = lexicon.lookup(word)
    assert entry is not None
    assert entry.space is None


def test_data_are_valid() -> None:
    assert [str(problem) for problem in validate_folder()] == []


def test_lexicon_is_broad(lexicon: Lexicon) -> None:
    keys = {normalize(text) for text, _ in lexicon.texts()}
    assert len(keys) == len(lexicon.texts()) >= 35_000
    assert sum(len(text.split()) == 1 for text, _ in lexicon.texts()) >= 14_000
    assert len({entry.tags[0] for entry in lexicon.entries}) >= 12


def test_antonyms_are_opposites(lexicon: Lexicon) -> None:
    pairs = lexicon.antonym_pairs()
    assert len(pairs) >= 80
    assert [(a.id, b.id) for a, b in pairs if not opposed(a, b)] == []
    curves = [
        (intent_curve_db(a, PINK_HZ[20:180]), intent_curve_db(b, PINK_HZ[20:180])) for a, b in pairs
    ]
    shaped = [(a, b) for a, b in curves if np.ptp(a) > 1.0 and np.ptp(b) > 1.0]
    assert sum(np.corrcoef(a, b)[0, 1] < -0.3 for a, b in shaped) >= 60
