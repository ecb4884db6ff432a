"""One WebSocket: requests, events, heartbeat, close codes. PROTOCOL.md sections 1 and 2."""

import asyncio
import os
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

import frames
from login import Greeting

SUBPROTOCOL = "conclave.v1"
CLIENT = "conclave-python-test/1"
REQUESTS_OPEN_MAX = 64
REPLY_S_MAX = 15
HANDSHAKE_S_MAX = 30
PROTOCOL_VERSION = 1
NORMAL_CLOSURE, PROTOCOL_ERROR, ABNORMAL_CLOSURE = 1000, 1002, 1006


class Lost(Exception):
    """The connection ended before the reply; whether the request took effect is unknown."""


def origin_of(url):
    """The origin that is dialled, in the one form in which it is signed."""
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or parts.hostname is None:
        raise ValueError(f"{url} is no address of a server")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host.lower()}:{parts.port or (443 if parts.scheme == 'wss' else 80)}"


class Connection:
    """`on_event(name, body)` is called for each event, in order, and must not wait."""

    def __init__(self, socket, on_event):
        self._socket = socket
        self._on_event = on_event
        self._open = {}
        self._last_id = 0
        self._slots = asyncio.Semaphore(REQUESTS_OPEN_MAX)
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._tasks = [asyncio.create_task(self._read())]
        self._closed = self._loop.create_future()
        self.greeting = None
        self.hello = None

    @classmethod
    async def dial(cls, url, on_event):
        origin = origin_of(url)
        socket = await connect(
            f"{origin}/v1",
            subprotocols=[SUBPROTOCOL],
            compression=None,
            max_size=frames.OUTBOUND_FRAME_BYTES_MAX,
            ping_interval=None,
            open_timeout=HANDSHAKE_S_MAX,
            proxy=None,
        )
        connection = cls(socket, on_event)
        nonce = os.urandom(32)
        hello = {"client": CLIENT, "nonce": nonce, "origin": origin}
        connection.hello = await connection.request("hello", hello)
        if connection.hello["version"] != PROTOCOL_VERSION:
            await connection.close()
            raise ValueError("the server speaks another version of the protocol")
        connection.greeting = Greeting(origin, nonce, connection.hello["nonce"])
        connection._tasks.append(asyncio.create_task(connection._watch()))
        return connection

    async def request(self, name, body):
        async with self._slots:
            if self.has_ended:
                raise Lost(name)
            self._last_id = (self._last_id + 1) % (1 << 32)
            number = self._last_id
            reply = self._open[number] = self._loop.create_future()
            try:
                await self._socket.send(frames.encode_request(name, number, body))
                return await asyncio.wait_for(reply, REPLY_S_MAX)
            except ConnectionClosed as fault:
                raise Lost(name) from fault
            except TimeoutError as fault:
                self._socket.transport.abort()
                raise Lost(name) from fault
            finally:
                del self._open[number]

    async def close(self, code=NORMAL_CLOSURE):
        await self._socket.close(code)
        await self.ended()

    @property
    def has_ended(self):
        return self._closed.done()

    @property
    def _takes_batches(self):
        return self.hello is not None and "batches" in self.hello.get("features", ())

    async def ended(self):
        """The close code."""
        return await asyncio.shield(self._closed)

    async def _read(self):
        try:
            async for data in self._socket:
                self._heard = self._loop.time()
                for frame in frames.decode_message(data, self._takes_batches):
                    self._take(frame)
        except ConnectionClosed:
            pass
        except (frames.Malformed, KeyError, TypeError, ValueError):
            await self._socket.close(PROTOCOL_ERROR)
        for task in self._tasks[1:]:
            task.cancel()
        for reply in self._open.values():
            if not reply.done():
                reply.set_exception(Lost())
        self._closed.set_result(self._socket.close_code or ABNORMAL_CLOSURE)

    def _take(self, frame):
        if frame[0] > 1:
            known = frames.event(frame)
            if known is not None:
                self._on_event(*known)
            return
        _, number, body = frame
        reply = self._open.get(number)
        if reply is None or reply.done():
            return
        if frame[0] == 0:
            reply.set_result(body)
        else:
            reply.set_exception(frames.Refused(body))

    async def _watch(self):
        """The library answers pings and does not show them: so this asks by itself when nothing was heard."""
        ping_s, silence_s = self.hello["pingMs"] / 1000, self.hello["silenceMs"] / 1000
        while True:
            quiet_s = self._loop.time() - self._heard
            if quiet_s >= silence_s:
                self._socket.transport.abort()
                return
            if quiet_s >= ping_s:
                try:
                    await asyncio.wait_for(self.request("ping", {}), silence_s - quiet_s)
                except (TimeoutError, Lost):
                    continue
            else:
                await asyncio.sleep(ping_s - quiet_s)
