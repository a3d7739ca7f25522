"""The responses of every run under one folder: written once, found by the name of their request, hard to lose."""

from harness.store.answers import Answers
from harness.store.store import Store, open_store
from harness.store.tables import STORE_VERSION

__all__ = ["STORE_VERSION", "Answers", "Store", "open_store"]
