"""Which messages of a room were certainly seen: PROTOCOL.md section 10."""

HOLD_S = 0.25
HELD_MAX = 1024


class Positions:
    """Advances only by what is certain; what comes too early is held."""

    def __init__(self, last):
        self.last = last
        self._held = {}

    @property
    def has_hole(self):
        return bool(self._held)

    def offer(self, copy):
        """The copies that can be shown now, in order. What is at a position passed before is none of them."""
        if copy.seq > self.last and len(self._held) < HELD_MAX:
            self._held[copy.seq] = copy
        return self._ready()

    def move(self, through):
        """Everything up to `through` was spoken for by history."""
        self.last = max(self.last, through)
        self._held = {seq: copy for seq, copy in self._held.items() if seq > self.last}
        return self._ready()

    def _ready(self):
        ready = []
        while self.last + 1 in self._held:
            self.last += 1
            ready.append(self._held.pop(self.last))
        return ready
