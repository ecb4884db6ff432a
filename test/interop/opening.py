"""A received message, through the checks in their order: PROTOCOL.md section 9, "Opening", and section 14, "Messages"."""

import epoch_messages
import message
from chains import Chains
from contexts import sha256
from message import Unopened
from order import Order
from trust import Unexplained


class Opener:
    """Opens what comes to one account in one room, and remembers it."""

    def __init__(self, account, room, membership, epochs):
        self._account, self._room, self._membership, self._epochs = account, room, membership, epochs
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
        identity = await self._identity_of_sender(header)
        content_keys = await self._content_keys(copy, header)
        padded = message.open_padded(copy, header, content_keys, identity.public)
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
        """Step 2."""
        try:
            return await self._membership.identity_at(header.sender, header.fingerprint, header.roster_version)
        except Unexplained as fault:
            raise Unopened("forged", str(fault)) from fault

    async def _content_keys(self, copy, header):
        """Steps 3 and 4."""
        epoch = None
        if header.layout == 3:
            epoch = await self._epochs.of_message(header)
            epoch_messages.check(header, epoch)
        secret = self._account.secret(self._room, header.password)
        if secret is None:
            raise Unopened("needs_password", "the password of that time is not known")
        if epoch is not None:
            return epoch_messages.content_keys(epoch, secret, header)
        content_key = message.open_wrap(self._account.keyring, copy.wrap, copy.header)
        return message.derive(content_key, secret)
