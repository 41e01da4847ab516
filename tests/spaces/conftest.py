"""Planted pairs, drawn once."""

from __future__ import annotations

import pytest

from text2fx_studio.spaces.planted import Planted, PlantedPairs
from text2fx_studio.spaces.pls import PlsSvd, fit

NAME = {"encoder_id": "planted-1", "weights_hash": "c" * 64}


@pytest.fixture(scope="session")
def world() -> Planted:
    return Planted(dim=96, concepts=16, seed=5)


@pytest.fixture(scope="session")
def train(world: Planted) -> PlantedPairs:
    return world.draw(1200, seed=6)


@pytest.fixture(scope="session")
def held_out(world: Planted) -> PlantedPairs:
    return world.draw(200, seed=7)


@pytest.fixture(scope="session")
def pls(train: PlantedPairs) -> PlsSvd:
    return fit(train.text, train.audio, **NAME)
