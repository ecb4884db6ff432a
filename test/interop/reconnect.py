"""When a client comes back after its connection ended: PROTOCOL.md section 1, "Reconnecting"."""

import random

FIRST_BOUND_S = 0.5
BOUND_MAX_S = 20
STABLE_S = 30


def may_return(code):
    """After a close that this client did not ask for."""
    return not 3500 <= code <= 3999


class Pauses:
    def __init__(self):
        self._bound_s = FIRST_BOUND_S

    def next(self, was_open_s):
        if was_open_s >= STABLE_S:
            self._bound_s = FIRST_BOUND_S
        pause = random.uniform(0, self._bound_s)
        self._bound_s = min(self._bound_s * 2, BOUND_MAX_S)
        return pause
