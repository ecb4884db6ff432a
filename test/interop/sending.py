"""Messages of this client in one room, as one chain: PROTOCOL.md section 9."""

import asyncio
import os
import time

import message
from chains import following
from connection import Lost
from frames import Refused


class CannotSend(Exception):
    """The client itself does not send; nothing went to the server."""


class Sender:
    """`room`: `id`, `password`, `layout`, `opener`, `membership`, `enter_again`. `ask` sends the same bytes until answered."""

    def __init__(self, account, room, ask):
        self._account, self._room, self._ask = account, room, ask
        self._one_at_a_time = asyncio.Lock()
        self._chain, self._number, self._previous = os.urandom(16), 0, b""

    async def send(self, content):
        message_id = os.urandom(16)
        async with self._one_at_a_time:
            while True:
                try:
                    reply = await self._ask("send", self._seal(message_id, content))
                    break
                except Refused as refused:
                    if refused.code != "stale_roster":
                        raise
                    await self._room.enter_again()
                except Lost:
                    # It may be stored: in this chain its number must not be used for another.
                    self._chain = following(self._chain)
                    raise
            self._number, self._previous = self._number + 1, reply["headerHash"]
            return reply

    def _seal(self, message_id, content):
        if self._room.membership.unexplained:
            raise CannotSend("; ".join(self._room.membership.unexplained.values()))
        secret = self._account.secret(self._room.id, self._room.password)
        if secret is None:
            raise CannotSend("the room's password is not known")
        if self._room.layout > 2:
            raise CannotSend("messages of the room have a layout that is not known here")
        version = self._room.membership.roster.version
        position, header_hash = self._room.opener.order.last
        seen = {"seen_position": position, "seen_hash": header_hash} if self._room.layout == 2 else {}
        sealed = message.seal(
            self._account.keyring[-1],
            self._room.membership.roster.at(version),
            secret,
            content,
            message=message_id,
            room=self._room.id,
            sender=self._account.user,
            chain=self._chain,
            number=self._number,
            previous=self._previous,
            roster_version=version,
            password=self._room.password,
            sent_at=time.time_ns() // 1_000_000,
            **seen,
        )
        return {"room": self._room.id, "version": version} | vars(sealed)
