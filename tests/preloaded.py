"""Imported once by the server that forks workers: see ``forked``."""

from text2fx_studio import job_handlers  # noqa: F401
from text2fx_studio.encoders import load_encoder
from text2fx_studio.search import engine  # noqa: F401

load_encoder("fxsem").embed_text(["warm"])
