import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dsp.equalizer import active_stages
from text2fx_studio.benchmark import render_speed, report
from text2fx_studio.errors import ParameterError, UsageError


def test_every_stage_of_the_example_works() -> None:
    chain = render_speed.example_chain("eq,reverb")
    assert chain.name == "eq,reverb"
    eq, reverb = chain
    assert len(active_stages(eq.values)) == 10
    assert reverb.values["t60_s"] == 2.0
    assert chain.sections(44_100).shape == (10, 6)


def test_the_test_sound_is_stereo_and_the_same_at_every_call(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        render_speed.write_test_sound(tmp_path / name, 10.5)
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.channels, info.samplerate, info.subtype) == (2, 44_100, "PCM_24")
    assert info.frames == round(10.5 * 44_100)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    sound, _ = soundfile.read(tmp_path / "a.wav")
    assert 0.02 < np.sqrt((sound**2).mean()) < 0.1
    assert abs(np.corrcoef(sound.T)[0, 1]) < 0.05


def test_a_short_measurement_end_to_end() -> None:
    found = render_speed.run(1.0, chains=["eq"], repeats=1)
    (chain,) = found.chains
    assert chain.times_real_time == pytest.approx(1.0 / chain.seconds)
    assert chain.first_times_real_time == pytest.approx(1.0 / chain.first_seconds)
    if chain.peak_bytes is not None and chain.idle_bytes is not None:
        assert chain.peak_bytes >= chain.idle_bytes > 10_000_000
    data = json.loads(json.dumps(found.to_data()))
    assert "1 s, stereo, 44,100 Hz, PCM_24" in report.render_text(data)


def test_bad_requests_are_refused() -> None:
    with pytest.raises(UsageError, match="more than 0 s"):
        render_speed.run(0.0)
    with pytest.raises(ParameterError, match="unknown effect"):
        render_speed.run(1.0, chains=["echo"])
