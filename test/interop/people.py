"""Whose identities are accepted, with what the server has to be asked for: PROTOCOL.md sections 6 and 11."""

from identity import BadIdentity, read_identity
from trust import Unexplained


class People:
    """`ask` sends a request that may be repeated; `say` tells the person of the client."""

    def __init__(self, pins, ask, say):
        self._pins, self._ask, self._say = pins, ask, say

    async def accept(self, stretch):
        """Raises Unexplained when a member's identity is neither the pinned one nor of its chain."""
        user, identity = stretch.user, stretch.identity
        if identity.name.lower() != stretch.name.lower():
            raise Unexplained(f"the document of {stretch.name} names somebody else")
        if self._pins.pin_user(user, identity):
            self._tell_pinned(user, identity)
        if self._pins.accepts(user, identity):
            return
        await self._learn(user, min(identity.sequence, self._pins.oldest(user).sequence))
        if not self._pins.accepts(user, identity):
            raise Unexplained(f"{identity.name} has other keys than before")

    async def find(self, user, fingerprint):
        """The accepted identity of that fingerprint, also of somebody who left; None when there is none."""
        known = self._pins.identity_of(user, fingerprint)
        if known is None:
            await self._learn(user, 0)
        return known or self._pins.identity_of(user, fingerprint)

    async def _learn(self, user, since):
        documents, more = [], True
        while more:
            page = await self._ask("identity", {"user": user, "since": since + len(documents)})
            try:
                documents += [read_identity(each["document"], each["signatures"]) for each in page["chain"]]
            except BadIdentity as fault:
                raise Unexplained(str(fault)) from fault
            more = page["more"] and page["chain"] != []
        if documents and self._pins.pin_user(user, documents[-1]):
            self._tell_pinned(user, documents[-1])
        before = self._pins.present(user)
        self._pins.extend(user, documents)
        after = self._pins.present(user)
        if after is not before:
            self._say("new-keys", name=after.name, fingerprint=after.fingerprint)

    def _tell_pinned(self, user, identity):
        self._say("pinned", name=identity.name, user=user, fingerprint=identity.fingerprint)
