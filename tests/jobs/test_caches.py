"""The caches keep to their limit: what was used longest ago goes first, checkpoints never."""

from __future__ import annotations

import os

from text2fx_studio.encoders.files import cache_folder
from text2fx_studio.job_upkeep import caches


def make(name, megabytes, used_at_s):
    path = cache_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(int(megabytes * 1e6)))
    os.utime(path, (used_at_s, used_at_s))
    return path


def test_the_least_recently_used_goes_first_and_models_stay():
    model = make("models/big.pt", 3, 1)
    old, middle, new = (
        make("pairs/old", 1, 10),
        make("concepts/mid", 1, 20),
        make("hashes/n", 1, 30),
    )
    os.utime(old, (40, 10))  # made long ago, read lately
    assert caches(None)["used_mb"] == 3.0
    assert caches(None, limit_mb=3.0)["deleted"] == 0
    assert caches(None, limit_mb=2.5) == {"used_mb": 2.0, "deleted": 1}
    assert [p.exists() for p in (model, old, middle, new)] == [True, True, False, True]
    assert caches(None, limit_mb=1.0)["used_mb"] == 1.0
    assert old.exists()
    assert caches(None, clear=True) == {"used_mb": 0.0, "deleted": 1}
    assert model.exists()
