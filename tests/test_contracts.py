"""Promises that hold for the whole project: names, light imports, house rules."""

from __future__ import annotations

import ast
import re
import shlex
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import text2fx_studio
from text2fx_studio import errors
from text2fx_studio.cli import checks
from text2fx_studio.cli.main import build_parser

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(p for top in ("dsp", "text2fx_studio", "ui") for p in (ROOT / top).rglob("*.py"))
LONGEST_MODULE = 420  # the house says about 400
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_version_is_told_once() -> None:
    assert text2fx_studio.__version__ == PROJECT["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{text2fx_studio.__version__}]" in changelog


def test_public_names() -> None:
    assert {"optimize", "load_encoder", "load_preset"} <= set(text2fx_studio.__all__)
    for name in text2fx_studio.__all__:
        value = getattr(text2fx_studio, name)
        assert name == "__version__" or value.__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        _ = text2fx_studio.frobnicate


@pytest.mark.parametrize("module", ["text2fx_studio", "text2fx_studio.errors", "dsp"])
def test_importing_costs_nothing(module: str) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert not {"torch", "numpy", "scipy", "soundfile"} & set(done.stdout.split())


def test_the_error_tree_is_drawn_and_exported() -> None:
    tree = f"{errors.__doc__}"
    for name in errors.__all__:
        error = getattr(errors, name)
        assert issubclass(error, errors.Text2FXError)
        assert error.exit_code in (1, 2, 130)
        assert name in tree


def test_the_command_line_knows_the_effects_and_formats_of_the_engine() -> None:
    from dsp.audio_format import EXTENSIONS
    from dsp.chain import EFFECTS

    assert set(checks.EFFECT_NAMES) == set(EFFECTS)
    searched = {kind for kind, e in EFFECTS.items() if any(p.searched for p in e.parameters)}
    assert set(checks.SEARCHED_EFFECTS) == searched
    assert set(checks.OUTPUT_SUFFIXES) == set(EXTENSIONS)


def test_readme_commands_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    joined = [
        block.replace("\\\n", " ") for block in blocks
    ]  # a command may go on in the next line
    commands = [line for block in joined for line in block.splitlines() if "text2fx " in line]
    assert commands
    parser = build_parser()
    for line in commands:
        arguments = shlex.split(line[line.index("text2fx ") :].split("#")[0])[1:]
        parser.parse_args(arguments)


def test_readme_test_command_is_the_one_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert 'python -m pip install -e ".[test]" && python -m pytest' in readme
    assert "python -m pytest" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_license_is_the_gpl_in_full() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["project"]["license"] == "GPL-3.0-or-later"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_house_rules_of_a_module(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert ast.get_docstring(ast.parse(text))
    assert path.stem not in ("utils", "helpers", "util", "common")
    for folder in ("work", "home", "root"):
        assert f"/{folder}/" not in text


def test_tests_have_no_network() -> None:
    with pytest.raises(RuntimeError, match="without network"):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    with pytest.raises(RuntimeError, match="without network"):
        socket.getaddrinfo("example.org", 80)
    with pytest.raises(RuntimeError, match="without network"):
        socket.socket()
    if hasattr(socket, "AF_UNIX"):
        left, right = socket.socketpair()
        left.close()
        right.close()
