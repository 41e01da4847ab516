"""A plugin's own window, on a screen that nobody sees."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.plugins.conftest import noise, zam
from text2fx_studio.errors import PluginError
from text2fx_studio.plugins.host import PluginHost


@pytest.fixture
def screen(monkeypatch) -> Iterator[str]:
    """A virtual X display."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("needs Xvfb (Debian: xvfb)")
    read, write = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as line:
            number = line.readline().strip()
        if not number:
            pytest.skip("Xvfb does not start here")
        monkeypatch.setenv("DISPLAY", f":{number}")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


def test_the_state_comes_back_and_the_plugin_lives_on(screen):
    with PluginHost(zam("ZamEQ2")) as host:
        host.set({"boost_cut_l": -3.0})
        before = host.state()
        assert host.edit(close_after_s=0.5) == before
        assert host.process(noise(1, 2000), 44_100).shape == (1, 2000)


def test_no_screen_is_a_message(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    with PluginHost(zam("ZamEQ2")) as host:
        with pytest.raises(PluginError, match="DISPLAY is not set"):
            host.edit(close_after_s=0.5)
        assert host.state()
