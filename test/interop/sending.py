"""Messages of this client in one room, as one chain: PROTOCOL.md sections 9 and 14."""

import asyncio
import os

import epoch_messages
import message
from chains import following
from connection import Lost
from epoch_making import CannotSend, EpochMaker, refuse_unexplained
from frames import Refused
from prekeys import now_ms


class Sender:
    """`room`: `id`, `password`, `layout`, `suite`, `opener`, `membership`, `epochs`, `enter_again`. `ask` sends the same bytes until answered."""

    def __init__(self, account, room, ask, has):
        self._account, self._room, self._ask = account, room, ask
        self._maker = EpochMaker(account, room, ask, has)
        self._one_at_a_time = asyncio.Lock()
        self._chain, self._number, self._previous = os.urandom(16), 0, b""

    async def send(self, content):
        message_id = os.urandom(16)
        async with self._one_at_a_time:
            while True:
                body = await self._seal(message_id, content)
                try:
                    reply = await self._ask("send", body)
                    break
                except Refused as refused:
                    if refused.code not in ("stale_roster", "unknown_epoch"):
                        raise
                    await self._room.enter_again()
                except Lost:
                    # It may be stored: in this chain its number must not be used for another.
                    self._chain = following(self._chain)
                    raise
            self._number, self._previous = self._number + 1, reply["headerHash"]
            return reply

    def _secret(self):
        """The room secret, if the client can send at all."""
        refuse_unexplained(self._room)
        if self._room.suite > 2 or (self._room.suite == 1 and self._room.layout > 2):
            raise CannotSend("messages of the room have a layout or suite that is not known here")
        secret = self._account.secret(self._room.id, self._room.password)
        if secret is None:
            raise CannotSend("the room's password is not known")
        return secret

    async def _seal(self, message_id, content):
        secret, epoch = self._secret(), None
        if self._room.suite == 2:
            epoch = await self._maker.for_sealing()
            secret = self._secret()
        keys = self._account.keyring[-1]
        fields = {
            "message": message_id,
            "sender": self._account.user,
            "chain": self._chain,
            "number": self._number,
            "previous": self._previous,
            "sent_at": now_ms(),
        }
        if epoch is not None or self._room.layout == 2:
            fields["seen_position"], fields["seen_hash"] = self._room.opener.order.last
        if epoch is not None:
            sealed = epoch_messages.seal(keys, epoch, secret, content, **fields)
            version = epoch.record.version
        else:
            version = self._room.membership.roster.version
            fields |= {"room": self._room.id, "roster_version": version, "password": self._room.password}
            sealed = message.seal(keys, self._room.membership.roster.at(version), secret, content, **fields)
        return {"room": self._room.id, "version": version} | vars(sealed)
