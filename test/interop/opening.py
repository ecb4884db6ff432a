"""A received message, through the checks in their order: PROTOCOL.md section 9, "Opening"."""

import message
from chains import Chains
from contexts import sha256
from message import Unopened
from order import Order
from trust import Unexplained


class Opener:
    """Opens what comes to one account in one room, and remembers it."""

    def __init__(self, account, room, people, membership):
        self._account, self._room, self._people, self._membership = account, room, people, membership
        self._chains = Chains()
        self.order = Order()

    async def open(self, copy, from_history):
        """What is shown of it: a verdict, and either its text or the reason."""
        try:
            return await self._open(copy, from_history)
        except Unopened as failed:
            return {"verdict": failed.verdict, "why": str(failed)}

    async def _open(self, copy, from_history):
        header = message.read_header(copy.header, self._room, copy.sender)
        await self._membership.know(header.roster_version)
        identity = await self._identity_of_sender(header)
        secret = self._account.secret(self._room, header.password)
        if secret is None:
            raise Unopened("needs_password", "the password of that time is not known")
        content_key = message.open_wrap(self._account.keyring, copy.wrap, copy.header)
        padded = message.open_padded(copy, header, content_key, secret, identity.public)
        missing = self._chains.check(header, copy.seq, sha256(copy.header))
        was_stored = from_history or self.order.was_stored(header.roster_version)
        contradicted = was_stored and self.order.contradicts(copy.seq, header, sha256(copy.header))
        content = message.read_padded(padded)
        marks = []
        members = self._membership.at(header.roster_version)
        if members is None or message.recipients_hash(members) != header.recipients:
            marks.append("recipients_differ")
        if abs(header.sent_at - copy.at) > message.SENDER_TIME_SKEW_MS:
            marks.append("late")
        if contradicted:
            marks.append("order_contradicted")
        shown = {"message_id": header.message.hex(), "marks": marks, "missing": missing, **content}
        return {"verdict": "ok", "from": identity.name, **shown}

    async def _identity_of_sender(self, header):
        """Step 2. Until the roster has somebody's new keys, messages come with either."""
        stretch = self._membership.roster.member(header.sender, header.roster_version)
        if stretch is None and self._membership.at(header.roster_version) is not None:
            raise Unopened("forged", "its sender was no member")
        if stretch is not None and stretch.identity.fingerprint == header.fingerprint:
            return stretch.identity
        try:
            identity = await self._people.find(header.sender, header.fingerprint)
        except Unexplained as fault:
            raise Unopened("forged", str(fault)) from fault
        if identity is None or (stretch is not None and identity.sequence < stretch.identity.sequence):
            raise Unopened("forged", "by no identity that its sender had then")
        return identity
