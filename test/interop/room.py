"""One entered room: its events one after the other, and catching up. PROTOCOL.md sections 4 and 10."""

import asyncio

from connection import Lost
from frames import Copy, Refused
from lives import BadLife, Life
from membership import Membership
from opening import Opener
from positions import HOLD_S, Positions
from room_epochs import RoomEpochs
from sending import Sender
from trust import Unexplained

INBOX_MAX = 4096
HISTORY_PAGE = 100


class Room:
    """`client` gives `account`, `people`, `pins`, `session`, `ask`, `entering` and `say`."""

    def __init__(self, client, room):
        self.id, self.name, self.password, self.online = room, None, None, 0
        self.layout, self.suite = 1, 1
        self._client = client
        self.membership = Membership(room, client.people, client.ask, client.say)
        self.life = Life(room, self.membership, client.pins)
        self.epochs = RoomEpochs(client.account, room, self.membership, client.ask, self._say)
        self.sender = Sender(client.account, self, client.ask, client.session.has)
        self.opener = Opener(client.account, room, self.membership, self.epochs)
        self._positions = None
        self._inbox = asyncio.Queue(INBOX_MAX)
        self._missed = False
        self._hold_until = None

    def take(self, name, body):
        """An event. One that does not fit is made up for later, as after a resync."""
        try:
            self._inbox.put_nowait((name, body))
        except asyncio.QueueFull:
            self._missed = True

    async def enter_again(self):
        [entry] = (await self._client.ask("enter", self._client.entering([self.id])))["rooms"]
        await self._entered(entry)

    async def _entered(self, entry):
        """What of the room is certain: its settings, then its roster."""
        if "error" in entry:
            raise Refused({"code": entry["error"], "message": "not entered"})
        self._settings(entry["info"], entered=True)
        self.online = entry["presence"]["online"]
        if self._positions is None:
            await self.membership.load()
            self._positions = Positions(entry["info"]["joined"])
        else:
            await self.membership.refresh()
        self.epochs.entered(entry["info"].get("epoch", 0))
        self._take_life(entry["info"])

    async def run(self):
        while True:
            name, body = await self._next()
            try:
                await self._handle(name, body)
            except (Lost, Refused) as fault:
                self._say("trouble", why=str(fault))
                self._missed = True
            except Unexplained as fault:
                self.membership.unexplained[self.id] = str(fault)
                self._say("unexplained", why=str(fault))
            if name == "room-gone":
                return

    async def _next(self):
        try:
            async with asyncio.timeout_at(self._hold_until):
                name, body = await self._inbox.get()
        except TimeoutError:
            return "missed", None
        if not self._missed:
            return name, body
        self._missed = False
        return ("room-gone", body) if name == "room-gone" else ("resync", body)

    async def _handle(self, name, body):
        match name:
            case "deliver":
                await self._show(self._positions.offer(body["copy"]), from_history=False)
                self._mind_hole()
            case "missed":
                await self._catch_up()
            case "entered":
                await self._entered(body)
                await self._catch_up()
            case "resync":
                await self.enter_again()
                await self._catch_up()
            case "roster":
                self.opener.order.members(body["version"])
                await self.membership.take(body)
                self._say("roster", kind=body["kind"], name=body["member"]["name"], version=body["version"])
            case "room":
                self._settings(body, entered=False)
                await self.membership.reach(body["version"])
                self._take_life(body)
                self._say("room", password=body["password"], suite=self.suite)
            case "epoch":
                await self.epochs.take(body["epoch"])
            case "presence":
                self.online = body["presence"]["online"]
            case "room-gone":
                self._say("gone", reason=body["reason"])

    def _settings(self, info, entered):
        self.opener.order.settings(info["version"], info["retention"], entered)
        self.layout, suite = info.get("header", 1), info.get("suite", 1)
        if self.name not in (None, info["name"]):
            self._client.pins.rename_room(self.name, info["name"])
        self.name, self.password = info["name"], info["password"]
        self._client.pins.pin_room(self.name, self.id, self.password > 0, suite)
        self.suite = suite

    def _take_life(self, told):
        try:
            if "life" in told and self.life.take(told["life"]):
                self._say("life", seconds=self.life.seconds)
        except BadLife as fault:
            self._say("life-refused", why=str(fault), seconds=self.life.seconds)

    def _mind_hole(self):
        if not self._positions.has_hole:
            self._hold_until = None
        elif self._hold_until is None:
            self._hold_until = asyncio.get_running_loop().time() + HOLD_S

    async def _catch_up(self):
        self._hold_until = None
        if self.suite == 2:
            await self.epochs.catch_up()
        more = True
        while more:
            body = {"room": self.id, "after": self._positions.last, "limit": HISTORY_PAGE}
            page = await self._client.ask("history", body)
            await self._show(map(copy_of, page["messages"]), from_history=True)
            await self._show(self._positions.move(page["through"]), from_history=False)
            more = page["more"]
        self._mind_hole()
        self._say("caught-up", last=self._positions.last)

    async def _show(self, copies, from_history):
        for copy in copies:
            self._say("message", seq=copy.seq, **await self.opener.open(copy, from_history))

    def _say(self, event, **what):
        self._client.say(event, room=self.name, **what)


def copy_of(body):
    return Copy(*(body[key] for key in ("seq", "at", "from", "header", "ciphertext", "wrap")))
