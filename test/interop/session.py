"""A session that is opened by login or token, and comes back by itself: PROTOCOL.md sections 1 and 7."""

import asyncio

from websockets.exceptions import InvalidHandshake

import login
from connection import Connection, Lost
from frames import Refused
from reconnect import Pauses, may_return

ATTEMPTS_MAX = 8
OPEN_DEADLINE_S = 60


class Session:
    """`on_event(name, body)` must not wait; `on_return()` runs after each reopening."""

    def __init__(self, url, account, on_event, on_return, say):
        self._url, self._account = url, account
        self._on_event, self._on_return, self._say = on_event, on_return, say
        self._connection = None
        self._is_open = asyncio.Event()
        self._keeper = None
        self._returning = None

    def has(self, feature):
        return feature in self._connection.hello.get("features", [])

    async def register(self):
        connection = await self._dial()
        identity, keys = self._account.identity, self._account.keyring[-1]
        body = {
            "identity": {"document": identity.document, "signatures": identity.signatures},
            "proof": login.possession_proof(keys, connection.greeting, identity.document),
        }
        try:
            return await connection.request("register", body)
        finally:
            await connection.close()

    async def log_in(self):
        await self._open_by(self._log_in_on)
        self._keeper = asyncio.create_task(self._keep())

    async def resume(self):
        await self._open_by(self._resume_on)
        self._keeper = asyncio.create_task(self._keep())

    async def close(self):
        self._is_open.clear()
        if self._keeper is not None:
            self._keeper.cancel()
        if self._connection is not None:
            await self._connection.close()

    async def ask(self, name, body):
        """Repeats what may be repeated: the same bytes, until they were answered."""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                async with asyncio.timeout(OPEN_DEADLINE_S):
                    await self._is_open.wait()
                return await self._connection.request(name, body)
            except TimeoutError as fault:
                raise Lost(name) from fault
            except Lost:
                if attempt == ATTEMPTS_MAX:
                    raise
                if self._connection.has_ended:
                    self._is_open.clear()
            except Refused as refused:
                if refused.code not in ("rate_limited", "unavailable") or attempt == ATTEMPTS_MAX:
                    raise
                await asyncio.sleep(max(refused.retry_after_ms / 1000, 0.1 * attempt))

    async def _dial(self):
        return await Connection.dial(self._url, self._on_event)

    async def _open_by(self, way):
        connection = await self._dial()
        try:
            self._account.opened(await way(connection))
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        self._is_open.set()

    async def _log_in_on(self, connection):
        name, keys = self._account.name, self._account.keyring[-1]
        reply = await connection.request("login", {"username": name})
        mac = login.challenge_answer(keys, connection.greeting, name, reply["challenge"], reply["expires"])
        return await connection.request("answer", {"mac": mac})

    async def _resume_on(self, connection):
        token, keys = self._account.token, self._account.keyring[-1]
        signature = login.resume_signature(keys, connection.greeting, token)
        try:
            return await connection.request("resume", {"token": token, "signature": signature})
        except Refused as refused:
            if refused.code != "auth_failed":
                raise
            return await self._log_in_on(connection)

    async def _keep(self):
        loop, pauses = asyncio.get_running_loop(), Pauses()
        while True:
            opened_at = loop.time()
            code = await self._connection.ended()
            self._is_open.clear()
            self._say("closed", code=code, returns=may_return(code))
            if not may_return(code):
                return
            if not await self._come_back(pauses, loop.time() - opened_at):
                return
            self._say("resumed", name=self._account.name)
            # Beside this: it asks the server, and this brings the next connection when that one is lost, too.
            self._returning = asyncio.create_task(self._on_return())

    async def _come_back(self, pauses, was_open_s):
        advice_s = 0
        while True:
            await asyncio.sleep(advice_s + pauses.next(was_open_s))
            was_open_s, advice_s = 0, 0
            try:
                await self._open_by(self._resume_on)
                return True
            except (OSError, TimeoutError, InvalidHandshake, Lost):
                continue
            except Refused as refused:
                if refused.code not in ("rate_limited", "unavailable", "too_many_sessions", "conflict"):
                    self._say("refused", code=refused.code)
                    return False
                advice_s = refused.retry_after_ms / 1000
