"""One running client of one account, with its rooms: PROTOCOL.md section 8."""

import asyncio
import os

import prekeys
import room_password
from account import Account
from connection import Lost
from frames import Refused
from people import People
from room import Room
from session import Session
from trust import Pins, Unexplained


class Client:
    """`say(event, **what)` tells the person of the client what happened by itself."""

    def __init__(self, url, name, say):
        self.say = say
        self.account = Account(name)
        self.pins = Pins()
        self.session = Session(url, self.account, self._on_event, self._enter_all, say)
        self.ask = self.session.ask
        self.people = People(self.pins, self.ask, say)
        self.rooms = {}
        self._workers = {}

    async def log_in(self):
        await self.session.log_in()
        await self._publish()

    async def resume(self):
        await self.session.resume()
        await self._publish()
        await self._enter_all()

    def entering(self, rooms):
        return {"rooms": rooms} | self._speaks() | ({"batches": True} if self.session.has("batches") else {})

    def _speaks(self):
        return {"suite": 2} if self.session.has("suite-2") else {}

    async def _publish(self):
        if self.session.has("prekeys"):
            await prekeys.publish(self.account, self.ask)

    async def create(self, name, password=None, retention=30, hidden=False, header=1, suite=1):
        body = {"name": name, "hidden": hidden, "retention": retention}
        for field, value in (("header", header), ("suite", suite)):
            if value != 1:
                self._need(f"{field}-2")
                body[field] = value
        if password is None:
            info = (await self.ask("create", body))["info"]
        else:
            salt = os.urandom(32)
            proof, secret = await asyncio.to_thread(room_password.derive, password, salt)
            reply = await self.ask("create", body | {"password": {"salt": salt, "proof": proof}})
            info = reply["info"]
            self.account.keep_secret(info["room"], info["password"], secret)
        return await self.enter(info["room"])

    async def join(self, name, password=None):
        found = await self.ask("lookup", {"name": name})
        body, secret = {"name": name} | self._speaks(), None
        if password is not None:
            if found["password"] == 0:
                raise Unexplained(f"{name} has no password")
            body["proof"], secret = await asyncio.to_thread(room_password.derive, password, found["salt"])
        try:
            room = (await self.ask("join", body))["info"]["room"]
        except Refused as refused:
            if refused.code != "already_a_member":
                raise
            room = refused.room
        if secret is not None:
            self.account.keep_secret(room, found["password"], secret)
        return await self.enter(room)

    async def enter(self, room_id):
        # Known before the reply comes: what is delivered right behind it is for this room already.
        room = self.rooms.setdefault(room_id, Room(self, room_id))
        try:
            await room.enter_again()
        except (Lost, Refused, Unexplained):
            if room_id not in self._workers:
                self._forget(room_id)
            raise
        if room_id not in self._workers:
            self._workers[room_id] = asyncio.create_task(room.run())
            self._workers[room_id].add_done_callback(lambda _: self._forget(room_id))
        room.take("missed", None)
        return room

    async def leave(self, name):
        room = self.room(name)
        await self.ask("leave", {"room": room.id})
        self._forget(room.id)

    def room(self, name):
        for room in self.rooms.values():
            if room.name.lower() == name.lower():
                return room
        raise ValueError(f"{name} was not entered")

    async def close(self):
        for room_id in list(self.rooms):
            self._forget(room_id)
        await self.session.close()

    def _need(self, feature):
        if not self.session.has(feature):
            raise ValueError(f"the server does not have {feature}")

    def _forget(self, room_id):
        self.rooms.pop(room_id, None)
        worker = self._workers.pop(room_id, None)
        if worker is not None:
            worker.cancel()

    def _on_event(self, name, body):
        room = self.rooms.get(body.get("room"))
        if name in ("own-room", "going-away"):
            self.say(name, **body)
        elif room is not None:
            room.take(name, body)

    async def _enter_all(self):
        """After a session was opened again: one `enter` with all rooms."""
        if not self.rooms:
            return
        try:
            reply = await self.ask("enter", self.entering(list(self.rooms)))
        except (Lost, Refused) as fault:
            self.say("trouble", why=str(fault))
            return
        for entry in reply["rooms"]:
            if entry["room"] in self.rooms:
                self.rooms[entry["room"]].take("entered", entry)
