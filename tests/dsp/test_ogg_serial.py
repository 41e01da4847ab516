import time

import numpy as np
import pytest
import soundfile

from dsp.audio_file import write_audio
from dsp.errors import AudioFileError
from dsp.ogg_serial import SERIAL, fix_serial


def checksum(page: bytes) -> int:
    """RFC 3533's CRC-32, bit by bit."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc


def pages(data: bytes) -> list[bytes]:
    found = []
    while data:
        count = data[26]
        length = 27 + count + sum(data[27 : 27 + count])
        found.append(data[:length])
        data = data[length:]
    return found


def test_equal_sounds_give_equal_ogg_files(tmp_path):
    noise = (0.1 * np.random.default_rng(0).standard_normal((2, 30_000))).astype(np.float32)
    write_audio(tmp_path / "a.ogg", noise, 44_100)
    time.sleep(0.01)  # libsndfile seeds its random numbers with the time
    write_audio(tmp_path / "b.ogg", noise, 44_100)
    assert (tmp_path / "a.ogg").read_bytes() == (tmp_path / "b.ogg").read_bytes()


def test_every_page_has_the_serial_and_a_checksum_that_fits(tmp_path):
    noise = (0.1 * np.random.default_rng(1).standard_normal((1, 60_000))).astype(np.float32)
    path = tmp_path / "a.ogg"
    soundfile.write(path, noise.T, 48_000, format="OGG", subtype="VORBIS")
    dry = soundfile.read(path)[0]
    fix_serial(path)
    found = pages(path.read_bytes())
    assert len(found) > 2
    for page in found:
        assert int.from_bytes(page[14:18], "little") == SERIAL
        assert checksum(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")
    np.testing.assert_array_equal(soundfile.read(path)[0], dry)


def test_what_is_not_ogg_is_refused(tmp_path):
    path = tmp_path / "a.ogg"
    path.write_bytes(b"RIFF" + bytes(60))
    with pytest.raises(AudioFileError, match="not a sequence of Ogg pages"):
        fix_serial(path)
