# ruff: noqa: F811 - the fixtures are those of tests/batch
"""``text2fx batch`` as a user meets it: usage, dry run, events, exit codes."""

from __future__ import annotations

import json

import pytest

from tests.batch.conftest import inline, pack, preset, tone  # noqa: F401
from tests.plugins.conftest import zam


def events(done):
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_folder_is_shaped_summed_up_and_exit_1_tells_of_a_failure(
    text2fx, pack, preset, out, inline
):
    done = text2fx("batch", pack, out, "--preset", preset)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0].startswith("failed  sub/text.wav: ")
    assert "Failed: 1" in lines
    assert any(line.startswith("4 done, 1 failed in 0:") for line in lines)
    assert lines[-1] == f"Page:   {out / 'batch.html'}"
    assert done.err == ""
    quiet = text2fx("batch", pack, out, "--preset", preset, "--overwrite", "--quiet")
    assert (quiet.code, quiet.out) == (1, "")
    assert quiet.err.startswith("failed  sub/text.wav: ")
    (pack / "sub" / "text.wav").unlink()
    again = text2fx("batch", pack, out, "--preset", preset, "--resume", "--quiet")
    assert (again.code, again.out, again.err) == (0, "", "")


def test_events_are_one_object_a_line(text2fx, pack, preset, out, inline):
    told = events(text2fx("batch", pack, out, "--preset", preset, "--json"))
    kinds = [event["event"] for event in told]
    assert kinds.count("queued") == kinds.count("running") == 5
    assert kinds.count("done") == 4
    assert (kinds[-1], told[-1]["done"]) == ("finished", 4)


def test_a_dry_run_says_all_and_does_nothing(text2fx, pack, tmp_path):
    table = tmp_path / "p.csv"
    table.write_text("file,prompt,seed\n*.wav,warm,4\n*.mp3,dark,\n")
    out = tmp_path / "new"
    done = text2fx("batch", pack, out, "--prompts", table, "--dry-run")
    assert done.code == 0
    assert done.out.splitlines() == [
        'a.wav -> a.wav  "warm" eq',
        'sub/text.wav -> sub/text.wav  "warm" eq',
        "b c.flac: left out, no row names it",
        "sub/deep/d.aiff: left out, no row names it",
        "sub/Ünï.ogg: left out, no row names it",
        "Note: prompts, line 3: *.mp3: matches no file",
        "2 files; nothing was done (--dry-run)",
    ]
    told = events(text2fx("batch", pack, out, "--prompts", table, "--dry-run", "--json"))
    assert told[0]["settings"]["seed"] == 4
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "one of the arguments --prompt --prompts --concepts --preset is required"),
        (["--prompt", "warm", "--preset", "x"], "not allowed with"),
        (["--prompt", "  "], "prompt"),
        (["--preset", "no-such-preset"], "no such preset"),
        (["--prompt", "warm", "--jobs", "0"], "allowed is 1 to 512"),
        (["--prompt", "warm", "--export", "frobnicate"], "unknown target 'frobnicate'"),
        (["--prompt", "warm", "--chain", "fuzz"], "unknown effect 'fuzz'"),
        (["--prompt", "warm", "--include", "*.xyz"], "no file in it matches"),
        (["--prompts", "gone.csv"], "gone.csv: the prompts cannot be read"),
        (["--prompt", "warm", "--jobs", "2", "--scheduler", "tcp://x:1"], "give one"),
        (["--prompt", "warm", "--mode", "each"], "invalid choice"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(text2fx, pack, tmp_path, arguments, said):
    done = text2fx("batch", pack, tmp_path / "new", *arguments)
    assert done.code in (1, 2)
    assert said in done.error_line()
    assert not (tmp_path / "new").exists()


def test_missing_folders_are_told(text2fx, pack, tmp_path):
    done = text2fx("batch", tmp_path / "gone", tmp_path / "o", "--prompt", "warm")
    assert (done.code, "no such folder" in done.error_line()) == (2, True)
    done = text2fx("batch", pack, pack, "--prompt", "warm")
    assert (done.code, "the originals are never replaced" in done.error_line()) == (2, True)


def test_a_presets_plugins_are_heard_in_every_file(text2fx, tmp_path, out, monkeypatch, inline):
    import soundfile

    from text2fx_studio.preset import load_preset

    monkeypatch.setenv("TEXT2FX_PLUGIN_PATH", str(zam("ZamTube").parent))
    plugin = zam("ZamTube")
    for name in ("a.wav", "sub/b.wav"):
        tone(tmp_path / "in" / name, seconds=1.0, channels=2)
    plain, racked = tmp_path / "plain.t2fx.json", tmp_path / "racked.t2fx.json"
    from dsp.chain import Chain
    from text2fx_studio.preset import Preset, save_preset

    save_preset(Preset(Chain.parse("eq"), "plain"), plain)
    done = text2fx("plugins", "add", plain, plugin, "-o", racked)
    assert done.code == 0, done.err
    assert load_preset(racked).plugins
    done = text2fx("batch", tmp_path / "in", out, "--preset", racked, "--json")
    assert done.code == 0, done.out
    for name in ("a.wav", "sub/b.wav"):
        dry, wet = soundfile.read(tmp_path / "in" / name)[0], soundfile.read(out / name)[0]
        assert abs(dry - wet[: len(dry)]).max() > 0.001, "the tube was heard"
        assert load_preset(out / f"{name}.t2fx.json").plugins
