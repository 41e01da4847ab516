"""Play and seek, pressed before the player is there."""

from __future__ import annotations

import pytest

from tests.ui.window import wait
from text2fx_studio.errors import PlaybackError
from text2fx_studio.playback import FakeOutput
from ui.tasks.listening import Listening


@pytest.fixture
def listen(qtbot):
    """Makes a :class:`Listening` with an opener; closes it."""
    made = []

    def make(opener):
        made.append(Listening(opener))
        return made[-1]

    yield make
    for listening in made:
        listening.close()


def test_what_was_asked_too_early_is_done_when_the_player_is_there(qtbot, listen, loop):
    listening = listen(FakeOutput)
    listening.open(loop)
    assert not listening.playing
    listening.seek(0.5)
    listening.toggle()
    assert listening.position_s == 0.5
    wait(qtbot, lambda: listening.playing)
    wait(qtbot, lambda: listening.position_s >= 0.5)


def test_presets_auditioned_one_after_the_other_too_early_are_heard(qtbot, listen, loop):
    listening = listen(FakeOutput)
    listening.open(loop)
    listening.play()
    listening.play()
    wait(qtbot, lambda: listening.playing)
    listening.play()
    assert listening.playing


def test_asked_twice_is_not_asked(qtbot, listen, loop):
    listening = listen(FakeOutput)
    listening.open(loop)
    listening.toggle()
    listening.toggle()
    with qtbot.waitSignal(listening.available):
        pass
    assert not listening.playing


def test_a_wish_does_not_outlive_a_missing_device(qtbot, listen, loop):
    works = []

    def opener(*args):
        if not works:
            raise PlaybackError("playback is off: PortAudio is not installed; all else works")
        return FakeOutput(*args)

    listening = listen(opener)
    listening.open(loop)
    listening.toggle()
    with qtbot.waitSignal(listening.available):
        pass
    works.append(True)
    with qtbot.waitSignal(listening.available):
        listening.open(loop)
    assert not listening.playing
