"""The epochs of one room as the server shows them: PROTOCOL.md section 14, "Opening an epoch"."""

import asyncio

import prekeys
from contexts import sha256
from epoch_wraps import BadEpoch, Reader
from epochs import check_server, open_epoch, read_record
from frames import Refused
from trust import Unexplained

PAGE = 100
PAGES_MAX = 64
ASKED_MAX = 1024


class RoomEpochs:
    """`say` tells the person of the client what was shown, and whose fault it is that something does not open."""

    def __init__(self, account, room, membership, ask, say):
        self._account, self._room, self._membership = account, room, membership
        self._ask, self._say = ask, say
        self._records, self._opened, self._commitments = {}, {}, {}
        self._asked = set()
        self._one_at_a_time = asyncio.Lock()
        self._is_synced = False
        self.arrived = asyncio.Event()
        # The highest number that the server has shown, and the one that it told.
        self.shown, self.told = 0, 0

    @property
    def newest(self):
        """The epoch of the highest number that opened; None without one."""
        return self._opened.get(max(self._opened, default=0))

    @property
    def keying(self):
        """The highest that was seen in this room."""
        return max((epoch.record.keying for epoch in self._opened.values()), default=1)

    @property
    def numbers(self):
        """Of those that opened, ascending."""
        return sorted(self._opened)

    def hash_of(self, number):
        """H(record), of a record that a member signed; None when it is not known."""
        record = self._records.get(number)
        return None if record is None else record.hash

    def entered(self, newest):
        self.told = max(self.told, newest)
        self.stale()

    def stale(self):
        self._is_synced = False

    async def of_message(self, header):
        """The epoch that a header names, asked for once when it is unknown; None when it is not held."""
        number = header.epoch
        if number not in self._records and number not in self._asked and len(self._asked) < ASKED_MAX:
            self._asked.add(number)
            await self._ask_for(number)
        known = self._records.get(number)
        if known is not None and known.hash != header.record_hash:
            self._split(number)
        return self._opened.get(number)

    async def catch_up(self):
        newest = max(self._opened, default=0)
        # What did not open may have been shown wrongly: it is asked for once more.
        if self._is_synced and self.shown <= newest:
            return
        self._is_synced = True
        try:
            # The newest comes once more, so that another in its place is noticed.
            await self._read(max(newest - 1, 0), PAGES_MAX)
        except BaseException:
            self._is_synced = False
            raise

    async def take(self, shown):
        """The event `epoch`, or an entry of a page."""
        async with self._one_at_a_time:
            number = shown["number"]
            known = self._records.get(number)
            if known is not None and known.hash != sha256(shown["record"]):
                self._split(number)
            elif number not in self._opened:
                await self._judge(shown)
            self.shown = max(self.shown, number)
        self.arrived.set()

    def keep(self, epoch):
        """One that opened, or was made here."""
        record = epoch.record
        self._remember(record)
        self._commitments.setdefault(record.commitment, record.number)
        self._opened[record.number] = epoch
        self.shown = max(self.shown, record.number)

    async def _ask_for(self, number):
        try:
            await self._read(max(number - 1, 0), 1)
        except Refused as refused:
            if refused.code != "unsupported_version":
                raise

    async def _read(self, after, pages_max):
        for _ in range(pages_max):
            page = await self._ask("epochs", {"room": self._room, "after": after, "limit": PAGE})
            for shown in page["epochs"]:
                await self.take(shown)
            if not page["more"] or not page["epochs"]:
                return
            after = page["epochs"][-1]["number"]

    async def _judge(self, shown):
        number, fault, why = shown["number"], None, None
        try:
            record = read_record(shown["record"], self._room)
            if record.number != number:
                raise BadEpoch("server", "of another number")
            place = await self._check_server(record, shown)
            self._remember(record)
            self._opened[number] = self._open(record, shown["wrap"], place)
        except BadEpoch as bad:
            fault, why = bad.fault, str(bad)
        self._say("epoch", number=number, fault=fault, why=why)

    async def _check_server(self, record, shown):
        """Checks 2 and 3. The own place in the tree; None when the members of that version are not known."""
        try:
            committer = await self._membership.identity_at(record.committer, record.fingerprint, record.version)
        except Unexplained as fault:
            raise BadEpoch("server", str(fault)) from fault
        users = [member.user for member in self._membership.at(record.version) or []]
        user = self._account.user
        if users and user not in users:
            raise BadEpoch("server", "it was made for others")
        place = (users.index(user), len(users)) if users else None
        check_server(record, shown["wrap"], shown["path"], place, user, committer.public)
        return place

    def _open(self, record, wrap, place):
        fault = BadEpoch("nobody", "there are no keys")
        for keys in reversed(self._account.keyring):
            reader = Reader(self._account.user, keys, prekeys.last_week(self._account.identity.created_at))
            try:
                epoch = open_epoch(record, wrap, reader)
            except BadEpoch as bad:
                fault = bad
                continue
            if self._commitments.setdefault(record.commitment, record.number) != record.number:
                raise BadEpoch("committer", "its key was that of another epoch")
            return epoch
        raise fault if place is not None else BadEpoch("nobody", str(fault))

    def _remember(self, record):
        """Of a record that a member signed, also when its key does not open here."""
        self._records.setdefault(record.number, record)
        before = self._records.get(record.number - 1)
        if before is not None and record.previous not in (before.hash, bytes(32)):
            self._split(record.number - 1)

    def _split(self, number):
        why = f"the server shows two epochs {number}"
        if self._membership.unexplained.get(("epoch", number)) != why:
            self._membership.unexplained[("epoch", number)] = why
            self._say("unexplained", why=why)
