"""How long messages of a room stay by default, as its owner signed it: PROTOCOL.md section 8, "Life"."""

import msgpack

from content import EXPIRES_MAX, EXPIRES_MIN
from contexts import raw_context, sha256
from identity import SIGNATURE_BYTES, signature_holds

LIFE_BYTES_MAX = 160
STEP_MAX = 1_000


class BadLife(Exception):
    """One that changes nothing, and that a person is told of."""


def sign(keys, room, user, number, seconds):
    document = msgpack.packb([1, room, user, keys.fingerprint, number, seconds])
    return document + keys.sign(raw_context("room-life", sha256(document)))


def read(life):
    """(room, user, fingerprint, number, seconds), of which nothing is proved yet."""
    document = life[:-SIGNATURE_BYTES]
    try:
        fields = msgpack.unpackb(document)
        layout, room, user, fingerprint, number, seconds = fields
        strict = msgpack.packb(fields) == document
    except (ValueError, TypeError) as fault:
        raise BadLife("no life") from fault
    ids = [(room, 16), (user, 16), (fingerprint, 32)]
    if layout != 1 or not strict or not all(isinstance(each, bytes) and len(each) == size for each, size in ids):
        raise BadLife("no life of layout 1")
    if not all(type(each) is int for each in (number, seconds)) or not 1 <= number < 2**53:
        raise BadLife("no number")
    if len(life) > LIFE_BYTES_MAX or not (seconds == 0 or EXPIRES_MIN <= seconds <= EXPIRES_MAX):
        raise BadLife("out of bounds")
    return room, user, fingerprint, number, seconds


class Life:
    """Of one room. `people` says which key of a user is accepted now."""

    def __init__(self, room, membership, pins):
        self._room, self._membership, self._pins = room, membership, pins
        self._pinned, self.number, self.seconds = None, 0, 0

    def take(self, life):
        """True when it says something else than the one before."""
        if life == self._pinned:
            return False
        room, user, fingerprint, number, seconds = read(life)
        if room != self._room:
            raise BadLife("of another room")
        if (number, seconds) == (self.number, self.seconds):
            return False
        if self._pinned is not None and not self.number < number <= self.number + STEP_MAX:
            raise BadLife("an earlier one, a second one, or one that leaps")
        roster = self._membership.roster
        if not any(each.user == user and each.role == "owner" for each in roster.at(roster.version)):
            raise BadLife("not of the owner")
        present = self._pins.present(user)
        document, signature = life[:-SIGNATURE_BYTES], life[-SIGNATURE_BYTES:]
        if present.fingerprint != fingerprint:
            raise BadLife("not by the present key")
        if not signature_holds(present.public, signature, raw_context("room-life", sha256(document))):
            raise BadLife("not signed")
        differs = seconds != self.seconds
        self._pinned, self.number, self.seconds = life, number, seconds
        return differs
