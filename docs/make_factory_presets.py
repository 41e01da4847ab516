"""Makes factory presets from prompts on real recordings: ``python docs/make_factory_presets.py``.

Needs the recordings beside the project (``../shared/audio``). Each preset is what the app's search
finds for its prompt on its recording, with levels matched inside the search; what does not beat the
dry sound is left out. Presets that exist are kept unless ``--again`` is given.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from text2fx_studio.preset import SUFFIX, preset_from_result, save_preset
from text2fx_studio.preset_library import factory_folder
from text2fx_studio.search import apply_file

AUDIO = Path(__file__).resolve().parent.parent.parent / "shared" / "audio"
AMOUNTS = (1.0, 0.8, 0.65, 0.5)
MOST_DB = 11.0
BANDS_HZ = [63, 125, 250, 500, 1000, 2000, 4000, 8000]

# (name, prompt, chain, tags); the recordings are walked through in even strides.
WANTED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Silky voice", "silky smooth voice", "eq", ("voice", "smooth")),
    ("Intimate whisper", "intimate and close whisper", "eq", ("voice", "close")),
    ("Broadcast voice", "deep radio announcer", "eq", ("voice", "deep")),
    ("Crisp speech", "crisp and clear speech", "eq", ("voice", "clear")),
    ("Less harsh voice", "less harsh", "eq", ("voice", "soft")),
    ("Walkie-talkie", "walkie-talkie", "eq", ("voice", "device")),
    ("Intercom", "voice from an intercom", "eq", ("voice", "device")),
    ("Gramophone", "old gramophone record", "eq", ("music", "vintage")),
    ("Laptop speaker", "tiny laptop speaker", "eq", ("music", "device")),
    ("Car stereo", "car stereo with heavy bass", "eq", ("music", "bass")),
    ("Bright and airy", "bright and airy", "eq", ("music", "bright")),
    ("Dark and moody", "dark and moody", "eq", ("music", "dark")),
    ("Warm and full", "warm and full-bodied", "eq", ("music", "warm")),
    ("Tinny", "tinny", "eq", ("music", "thin")),
    ("Boomy", "boomy", "eq", ("music", "bass")),
    ("Muffled", "muffled", "eq", ("music", "dark")),
    ("Punchy", "punchy and tight", "eq", ("drums", "punchy")),
    ("Deep and heavy", "deep and heavy", "eq", ("drums", "bass")),
    ("Sparkle", "sparkling and shimmering", "eq", ("music", "bright")),
    ("Mellow", "mellow and round", "eq", ("instrument", "soft")),
    ("Nasal", "nasal and honky", "eq", ("instrument", "thin")),
    ("Present", "present and forward", "eq", ("instrument", "clear")),
    ("Soft strings", "soft and velvety", "eq", ("instrument", "soft")),
    ("Biting", "biting and edgy", "eq", ("instrument", "harsh")),
    ("Rich", "rich and lush", "eq", ("instrument", "warm")),
    ("Icy", "cold as ice", "eq", ("music", "cold")),
    ("Thunder", "rumbling thunder", "eq", ("effect", "bass")),
    ("Metallic", "metallic", "eq", ("effect", "harsh")),
    ("Under water", "under water", "eq", ("effect", "muffled")),
    ("Behind a door", "behind a closed door", "eq", ("effect", "muffled")),
    ("Church", "in a stone church", "eq,reverb", ("space", "large")),
    ("Cave", "in a deep cave", "eq,reverb", ("space", "large")),
    ("Tunnel", "in a long tunnel", "eq,reverb", ("space", "dark")),
    ("Bathroom", "in a tiled bathroom", "eq,reverb", ("space", "small")),
    ("Jazz club", "in a small dark jazz club", "eq,reverb", ("space", "small")),
    ("Stadium", "in a huge stadium", "eq,reverb", ("space", "large")),
    ("Chapel", "in a quiet chapel", "reverb", ("space", "medium")),
    ("Living room", "in a living room", "reverb", ("space", "small")),
    ("Canyon", "echoing in a canyon", "reverb", ("space", "large")),
    ("Ballroom", "in a grand ballroom", "reverb", ("space", "large")),
    ("Garage", "in a concrete garage", "eq,reverb", ("space", "medium")),
    ("Spacious", "spacious and wide open", "eq,reverb", ("space", "ambient")),
    ("Ethereal", "ethereal and dreamy", "eq,reverb", ("space", "ambient")),
    ("Distant", "far away in the distance", "eq,reverb", ("space", "film")),
    ("Haunted", "haunted house", "eq,reverb", ("space", "film")),
)


def main() -> int:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="make all anew")
    arguments = parser.parse_args()
    clips = [json.loads(line) for line in (AUDIO / "manifest.jsonl").read_text().splitlines()]
    paths = sorted(AUDIO / str(c.get("file") or c.get("path")) for c in clips)
    paths = [p for p in paths if p.is_file()]
    for index, (name, prompt, chain, tags) in enumerate(WANTED):
        target = factory_folder() / (name.lower().replace(" ", "-") + SUFFIX)
        if target.exists() and not arguments.again:
            continue
        source = paths[(index * 37) % len(paths)]
        for amount in AMOUNTS:  # a preset for all must not boost as far as one recording bears
            found = apply_file(source, prompt, chain=chain, device="cpu", seed=0, amount=amount)
            if found.chain.frequency_response_db(BANDS_HZ).max() < MOST_DB:
                break
        if not found.accepted or found.chain.is_neutral():
            sys.stderr.write(f"left out: {name}: {found.reason}\n")
            continue
        preset = preset_from_result(found, name=name, tags=tags)
        told = f"Found for “{prompt}” on a recording ({source.parent.name}/{source.name})."
        save_preset(replace(preset, description=told), target, overwrite=True)
        sys.stderr.write(f"{index + 1}/{len(WANTED)} {name}: {found.reason}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
