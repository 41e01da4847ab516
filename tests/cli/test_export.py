"""``text2fx export`` as a user meets it."""

from __future__ import annotations

import pytest


def test_list_names_every_target(text2fx):
    done = text2fx("export", "--list", "--json")
    assert done.code == 0
    names = [row["target"] for row in done.data["targets"]]
    assert {"ir", "equalizer-apo", "lv2-lsp", "lv2-x42", "vstpreset", "dawproject"} <= set(names)
    plain = text2fx("export", "--list")
    assert all(name in plain.out for name in names)
    assert "experimental" in plain.out


def test_two_targets_at_once(text2fx, tmp_path):
    done = text2fx(
        "export", "telephone", "--to", "equalizer-apo", "--to", "lv2-lsp", "-o", tmp_path, "--json"
    )
    assert done.code == 0
    first, second = done.data["exports"]
    assert (first["target"], first["fidelity"], first["left_out"]) == ("equalizer-apo", "exact", [])
    assert second["files"] == sorted(second["files"], reverse=True)
    again = text2fx("export", "telephone", "--to", "lv2-lsp", "-o", tmp_path)
    assert again.code == 1
    assert "exists already" in again.error_line()
    assert (
        text2fx("export", "telephone", "--to", "lv2-lsp", "-o", tmp_path, "--overwrite").code == 0
    )


def test_losses_are_told(text2fx, tmp_path):
    done = text2fx("export", "cathedral", "--to", "audacity", "-o", tmp_path)
    assert "lossy" in done.out
    assert "Left out: reverb" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("telephone", "--to", "nothing", "-o", "x"), 2, "allowed are ir,"),
        (("telephone", "-o", "x"), 2, "--to TARGET"),
        ((), 2, "--list shows the targets"),
        (("no-such-preset", "--to", "ir", "-o", "x"), 1, "no such preset"),
        (("telephone", "--to", "ir", "-o", "x", "--rate", "7"), 2, "8000 to 192000"),
        (("telephone", "--to", "vstpreset", "-o", "x"), 2, "hosts no VST3 plugin"),
    ],
)
def test_refusals(text2fx, tmp_path, monkeypatch, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    done = text2fx("export", *arguments)
    assert done.code == code
    assert said in done.error_line()
    assert list(tmp_path.iterdir()) == []
