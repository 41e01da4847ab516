import numpy as np
import pytest

from text2fx_studio.errors import AudioContentError
from text2fx_studio.search.windows import ArraySource, fold, loud_windows, to_encoder

RATE = 8_000


def noise(seconds, level=0.1, channels=1):
    generator = np.random.default_rng(0)
    return (level * generator.standard_normal((channels, int(seconds * RATE)))).astype(np.float32)


def test_the_loudest_stretches_are_chosen_in_order_of_time():
    audio = noise(30.0, 0.01)
    audio[:, 20 * RATE : 22 * RATE] *= 30
    audio[:, 5 * RATE : 7 * RATE] *= 20
    windows = loud_windows(ArraySource(audio, RATE), 2.0, count=2, context_s=0.0)
    assert windows.starts_s == pytest.approx((5.0, 20.0), abs=0.15)
    assert all(s.shape == (1, 2 * RATE) for s in windows.segments)


def test_windows_do_not_overlap_and_quiet_ones_are_left_out():
    audio = noise(30.0)
    windows = loud_windows(ArraySource(audio, RATE), 4.0, count=3, context_s=0.0)
    assert np.diff(windows.starts_s).min() >= 4.0 - 1e-6
    audio[:, 4 * RATE :] *= 0.001
    assert len(loud_windows(ArraySource(audio, RATE), 4.0, count=3).segments) == 1


def test_context_holds_what_came_before_and_silence_before_the_file():
    audio = np.arange(10 * RATE, dtype=np.float32)[None] / RATE
    windows = loud_windows(ArraySource(audio, RATE), 2.0, count=1, context_s=1.0)
    start = round(windows.starts_s[0] * RATE)
    np.testing.assert_array_equal(windows.segments[0], audio[:, start - RATE : start + 2 * RATE])
    early = np.zeros((1, 3 * RATE), np.float32)
    early[:, :RATE] = 1.0
    first = loud_windows(ArraySource(early, RATE), 2.0, count=1, context_s=1.0).segments[0]
    assert not first[:, :RATE].any()


def test_a_short_recording_is_padded_with_silence():
    windows = loud_windows(ArraySource(noise(0.5), RATE), 4.0, context_s=0.0)
    mono, context = to_encoder(windows, 32_000, 4.0)
    assert mono.shape == (1, 128_000)
    assert context == 0
    assert mono[0, :15_000].std() > 0.01
    assert not mono[0, 17_000:].any()


@pytest.mark.parametrize(
    "audio,message",
    [
        (np.zeros((2, RATE), np.float32), "silent .*nothing to shape"),
        (noise(0.05), r"0\.050 s of sound"),
        (np.zeros((1, 0), np.float32), r"0\.000 s"),
        (np.where(np.arange(RATE) == 99, np.nan, 0.1).astype(np.float32)[None], "NaN"),
    ],
)
def test_unusable_recordings_are_refused_by_name(audio, message):
    with pytest.raises(AudioContentError, match=message) as error:
        loud_windows(ArraySource(audio, RATE, "take 1.wav"), 2.0)
    assert "take 1.wav" in str(error.value)


def test_fold_survives_channels_that_cancel():
    side = noise(1.0)
    out_of_phase = np.concatenate((side, -side))
    assert fold(out_of_phase).std() == pytest.approx(side.std())
    np.testing.assert_allclose(fold(np.concatenate((side, side))), side[0], rtol=1e-6)
