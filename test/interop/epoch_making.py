"""Under which epoch a message is sealed, and making it: PROTOCOL.md section 14, "Making an epoch"."""

import asyncio
import time

import epochs
import prekeys
from epoch_wraps import Member
from frames import Refused
from message import recipients_hash
from prekeys import now_ms

MEMBERSHIP, ROTATION, PASSWORD, AGE, REPAIR = range(1, 6)
TRIES_MAX = 8
UPLOADS_MAX = 5
PART_BYTES = 262_144
EPOCH_AGE_MS = 7 * 24 * 3_600_000
REPAIR_INTERVAL_S = 600


class CannotSend(Exception):
    """The client itself does not send; nothing went to the server."""


class EpochMaker:
    """`room`: `id`, `password`, `membership`, `epochs`, `enter_again`. `has` tells the features of the gateway."""

    def __init__(self, account, room, ask, has):
        self._account, self._room, self._ask, self._has = account, room, ask, has
        self._repaired_at = None

    async def for_sealing(self):
        """The newest epoch if nothing speaks against it, else one that is made now."""
        for _ in range(TRIES_MAX):
            await self._room.epochs.catch_up()
            reason = await self._reason_against(self._room.epochs.newest)
            refuse_unexplained(self._room)
            if reason is None:
                return self._room.epochs.newest
            await self._make_next(reason)
        raise CannotSend("the epochs of the room change all the time")

    async def _reason_against(self, epoch):
        membership, shown = self._room.membership, self._room.epochs.shown
        if shown > (0 if epoch is None else epoch.record.number) and self._may_repair():
            return REPAIR
        if epoch is None:
            return MEMBERSHIP
        record = epoch.record
        await membership.know(record.version)
        if membership.at(record.version) is None:
            return MEMBERSHIP
        if record.password != self._room.password:
            return PASSWORD
        gone, roster = membership.roster.left_after(record.version), membership.roster
        if gone:
            return ROTATION if all(roster.member(each.user, each.left) for each in gone) else MEMBERSHIP
        if record.recipients != recipients_hash(roster.at(roster.version)):
            return MEMBERSHIP
        if record.keying < self._room.epochs.keying:
            return REPAIR
        return AGE if now_ms() >= record.time + EPOCH_AGE_MS else None

    def _may_repair(self):
        return self._repaired_at is None or time.monotonic() >= self._repaired_at + REPAIR_INTERVAL_S

    async def _make_next(self, reason):
        """One epoch more is there afterwards, by whomever it was made, or the members are known better."""
        if await self._waited_for_other():
            return
        room = self._room
        version, members = room.membership.roster.version, await self._members()
        if version != room.membership.roster.version:
            return
        number, previous = self._number_and_previous()
        if reason == REPAIR:
            self._repaired_at = time.monotonic()
        data, key, rows = epochs.make(
            self._account.keyring[-1],
            members,
            room.id,
            number,
            previous,
            version,
            room.password,
            self._keying(),
            self._account.user,
            reason,
            now_ms(),
        )
        record = epochs.read_record(data, room.id)
        room.epochs.stale()
        if await self._store(record, data, b"".join(wrap for _, wrap, _ in rows)):
            room.epochs.keep(epochs.Epoch(record, key))

    async def _waited_for_other(self):
        """Announces that an epoch is wanted. True: there may be more to look at now."""
        room = self._room
        room.epochs.arrived.clear()
        body = {"room": room.id, "after": room.epochs.shown, "limit": 1, "make": True}
        page = await self._ask("epochs", body)
        for shown in page["epochs"]:
            await room.epochs.take(shown)
        if page["epochs"] or page["more"]:
            room.epochs.stale()
            return True
        if not page.get("waitMs"):
            return False
        try:
            await asyncio.wait_for(room.epochs.arrived.wait(), page["waitMs"] / 1000)
        except TimeoutError:
            pass
        room.epochs.stale()
        return True

    async def _members(self):
        roster, room = self._room.membership.roster, self._room.id
        stretches = roster.at(roster.version)
        if self._keying() == 1:
            return [Member(each.user, each.fingerprint, each.identity.spki) for each in stretches]
        listed = await prekeys.listed(room, self._ask)
        return [
            Member(each.user, each.fingerprint, each.identity.spki, *self._prekey(each, listed))
            for each in stretches
        ]

    def _prekey(self, member, listed):
        """Week and public key; nothing of a member who has none."""
        if member.user == self._account.user:
            return prekeys.own(self._account)
        return prekeys.verified(listed.get(member.user, b""), member.user, member.identity) or ()

    def _keying(self):
        if self._has("prekeys"):
            return 2
        if self._room.epochs.keying == 2:
            raise CannotSend("the server no longer has what the keying of the room needs")
        return 1

    def _number_and_previous(self):
        """Whoever was not included in the epoch before does not know its hash, and skips a number."""
        last = max(self._room.epochs.shown, self._room.epochs.told)
        if last == 0:
            return 1, b""
        known = self._room.epochs.hash_of(last)
        return (last + 2, bytes(32)) if known is None else (last + 1, known)

    async def _store(self, record, data, wraps):
        """False: it was refused for what others did meanwhile, which is known now."""
        body = {"room": self._room.id, "bodyHash": record.body_hash}
        for _ in range(UPLOADS_MAX):
            try:
                for part, at in enumerate(range(0, len(wraps), PART_BYTES)):
                    await self._ask("wraps", body | {"part": part, "bytes": wraps[at : at + PART_BYTES]})
                await self._ask("epoch", {"room": self._room.id, "record": data})
                return True
            except Refused as refused:
                if refused.code == "wraps_missing":
                    continue
                if refused.code not in ("conflict", "stale_roster"):
                    raise
                if refused.epoch is None:
                    await self._room.enter_again()
                else:
                    await self._room.epochs.take(refused.epoch)
                return False
        raise CannotSend("the server loses the wraps of the epoch")


def refuse_unexplained(room):
    if room.membership.unexplained:
        raise CannotSend("; ".join(room.membership.unexplained.values()))
