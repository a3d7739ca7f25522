"""A machine that is shared is slow at times: examples have no deadline of their own, only tests have a timeout."""

from hypothesis import settings

settings.register_profile("shared", deadline=None)
settings.load_profile("shared")
