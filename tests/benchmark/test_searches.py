"""Searches side by side give what searches one after another give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.search.toy_encoder import ToyEncoder
from text2fx_studio.benchmark import workbench
from text2fx_studio.benchmark.clips import pink_noise
from text2fx_studio.benchmark.searches import Origin, Wanted
from text2fx_studio.benchmark.workbench import Workbench
from text2fx_studio.encoders.registry import load_encoder

NOISE = pink_noise(1.0, 32_000)
WANTED = [Wanted(NOISE, "bright"), Wanted(NOISE, "dark"), Wanted(NOISE, "bright", seed=1)]


@pytest.mark.slow
def test_processes_of_their_own_find_the_same() -> None:
    encoder = load_encoder("fxsem")
    told: list[float] = []
    origin = Origin("fxsem", None, encoder.weights_hash)
    side_by_side = Workbench(encoder, 0, lambda share, _: told.append(share), 2, origin)
    side_by_side.prefetch(WANTED[:2])
    found = [side_by_side.search(w.clip, w.prompt) for w in WANTED[:2]]
    here = [Workbench(encoder).search(w.clip, w.prompt) for w in WANTED[:2]]
    assert [f.chain for f in found] == [h.chain for h in here]
    assert sorted(told) == [0.5, 1.0]


def test_what_is_known_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def carry_out_all(wanted: list[Wanted], *_: object) -> list[str]:
        asked.append([w.prompt for w in wanted])
        return [f"found {w.prompt} {w.seed}" for w in wanted]

    monkeypatch.setattr(workbench, "carry_out_all", carry_out_all)
    bench = Workbench(ToyEncoder(), 0, None, 2, Origin("toy", Path("toy"), "0" * 64))
    bench.prefetch(WANTED)
    bench.prefetch(WANTED)
    assert asked == [["bright", "dark", "bright"]]
    assert bench.search(NOISE, "bright", seed=1) == "found bright 1"
    alone = Workbench(ToyEncoder(), jobs=1, origin=Origin("toy", None, ""))
    alone.prefetch(WANTED)
    assert len(asked) == 1  # one job: nothing is searched ahead
