"""A few hundred mutations of each format; ten thousand by ``python -m tests.imports.fuzz``."""

from __future__ import annotations

import pytest

from tests.imports import fuzz


@pytest.mark.parametrize("kind", list(fuzz.seeds()))
def test_mutations_give_an_error_or_a_valid_chain(kind):
    found = fuzz.run(kind, 120, seed=11)
    assert found["valid"] + found["refused"] == 120
    assert found["refused"] > 0
