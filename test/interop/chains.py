"""Replays, and the chains of a room's senders: PROTOCOL.md section 9, "Replays and chains"."""

from bisect import insort
from dataclasses import dataclass

from message import Unopened


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
        return 0 if before is None else link.number - before.number - 1


def rises(earlier, later):
    return earlier is None or later is None or earlier.number < later.number


def links(earlier, later):
    """Only a direct neighbour by number has to: between others some may have been for others, or are gone."""
    is_next = earlier is not None and later is not None and earlier.number + 1 == later.number
    return not is_next or later.previous == earlier.header_hash
