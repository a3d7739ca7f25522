"""Foreign code has a limit; what runs before and after it has its own timers back."""

import re
import signal
import threading
import time

import pytest

from harness.limits import TookTooLong, limited


def test_a_regular_expression_that_explodes_is_stopped():
    begun = time.monotonic()
    with pytest.raises(TookTooLong, match=r"longer than 0\.3 seconds"), limited(0.3):
        re.search(r"^(a+)+$", "a" * 40 + "b")
    assert time.monotonic() - begun < 20


def test_what_ends_in_time_is_left_alone_and_the_timer_before_goes_on():
    handler, timer = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    fired = []
    signal.signal(signal.SIGALRM, lambda *_: fired.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.4)
    try:
        with limited(5):
            time.sleep(0.05)
        assert signal.getitimer(signal.ITIMER_REAL)[0] <= 0.36
        until = time.monotonic() + 10
        while not fired and time.monotonic() < until:
            time.sleep(0.02)
        assert fired == [1]
    finally:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def test_in_another_thread_nothing_is_changed():
    done = []

    def work():
        with limited(0.01):
            time.sleep(0.05)
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]
