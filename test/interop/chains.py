"""Replays, and the chains of a room's senders: PROTOCOL.md section 9, "Replays and chains"."""

from bisect import insort
from dataclasses import dataclass

from message import Unopened

FOLLOWING_CHAINS_MAX = 16


@dataclass(frozen=True, order=True)
class Link:
    seq: int
    number: int
    header_hash: bytes
    previous: bytes


class Chains:
    """What was accepted in one room."""

    def __init__(self):
        self._messages = set()
        self._chains = {}

    def check(self, header, seq, header_hash):
        """Step 8. Records what fits; gives how many messages of the chain are missing right before it."""
        chain = self._chains.setdefault((header.sender, header.chain), [])
        link = Link(seq, header.number, header_hash, header.previous)
        before = max((known for known in chain if known.seq < seq), default=None)
        after = min((known for known in chain if known.seq > seq), default=None)
        if link not in chain:
            if (header.sender, header.message) in self._messages or any(known.seq == seq for known in chain):
                raise Unopened("replayed", "its id or its position was taken before")
            if not rises(before, link) or not rises(link, after):
                raise Unopened("replayed", "positions and numbers do not rise together")
            if not links(before, link) or not links(link, after):
                raise Unopened("altered", "it does not follow the one that was sent before")
            insort(chain, link)
            self._messages.add((header.sender, header.message))
        if before is None and link.number > 0:
            before = self._end_of_former(header, seq)
        return 0 if before is None else max(0, link.number - before.number - 1)

    def _end_of_former(self, header, seq):
        """The last message at a lower position of the nearest chain before that has one."""
        for step in range(1, FOLLOWING_CHAINS_MAX + 1):
            links = self._chains.get((header.sender, former(header.chain, step)), [])
            before = max((known for known in links if known.seq < seq), default=None)
            if before is not None:
                return before
        return None


def following(chain):
    return former(chain, -1)


def former(chain, steps):
    return ((int.from_bytes(chain, "big") - steps) % 2**128).to_bytes(16, "big")


def rises(earlier, later):
    return earlier is None or later is None or earlier.number < later.number


def links(earlier, later):
    """Only a direct neighbour by number has to: between others some may have been for others, or are gone."""
    is_next = earlier is not None and later is not None and earlier.number + 1 == later.number
    return not is_next or later.previous == earlier.header_hash
