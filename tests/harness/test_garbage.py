"""The garbage collector: while a run is under way it looks at what is new, and afterwards all is as it was."""

import gc
import weakref

import pytest

from harness.garbage import OFTEN, settled


class Circle:
    """Something that only the collector can take away."""

    def __init__(self):
        self.itself = self


def test_what_was_there_before_is_left_alone_and_what_is_new_is_still_collected():
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    old = weakref.ref(Circle())
    with settled():
        assert gc.get_threshold()[0] == max(OFTEN, before[0])
        new = weakref.ref(Circle())
        gc.collect()
        assert new() is None
        assert old() is not None
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == frozen
    gc.collect()
    assert old() is None


def test_it_is_as_before_also_after_an_error_and_stays_off_where_it_was():
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="no"), settled():
        raise ValueError("no")
    assert gc.get_threshold() == before
    try:
        gc.set_threshold(0)
        with settled():
            assert gc.get_threshold()[0] == 0
        assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
