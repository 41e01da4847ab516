import time

import numpy as np
import pytest
import soundfile

from dsp.audio_file import write_audio
from dsp.peak_time import clear_peak_time


@pytest.mark.parametrize("name", ["a.wav", "a.aiff"])
@pytest.mark.parametrize("channels", [1, 3])
def test_equal_sounds_give_equal_float_files(tmp_path, name, channels):
    noise = (0.1 * np.random.default_rng(0).standard_normal((channels, 3000))).astype(np.float32)
    path = tmp_path / name
    write_audio(path, noise, 44_100, subtype="FLOAT")
    first = path.read_bytes()
    assert b"PEAK" in first[:200]
    time.sleep(1.1)  # the time is kept in whole seconds
    write_audio(path, noise, 44_100, subtype="FLOAT", overwrite=True)
    assert path.read_bytes() == first
    np.testing.assert_array_equal(soundfile.read(path, dtype="float32", always_2d=True)[0].T, noise)


def test_files_without_the_chunk_are_left_alone(tmp_path):
    for name, data in (("x", b"no sound"), ("y", b"RIFF\x04\0\0\0WAVE"), ("z", b"")):
        (tmp_path / name).write_bytes(data)
        clear_peak_time(tmp_path / name)
        assert (tmp_path / name).read_bytes() == data
