#!/usr/bin/env python3
"""Runs the client: a command a line as JSON on standard input, an answer or event a line on standard output.

{"id": 1, "do": "log-in"}  ->  {"id": 1, "ok": {...}} or {"id": 1, "refused": "...", "why": "..."}
what happens by itself     ->  {"event": "message", ...}
"""

import asyncio
import json
import sys
import traceback

import content
import lives
import prekeys
from client import Client
from connection import Lost
from frames import Refused
from identity import safety_number
from sending import CannotSend
from trust import Unexplained


def say(event, **what):
    write({"event": event, **what})


def write(value):
    print(json.dumps(value, default=bytes.hex), flush=True)


class Commands:
    def __init__(self, url, name):
        self._client = Client(url, name, say)

    async def register(self):
        return await self._client.session.register()

    async def log_in(self):
        await self._client.log_in()
        return {"user": self._client.account.user}

    async def create(self, **options):
        room = await self._client.create(**options)
        return {"room": room.id, "password": room.password}

    async def join(self, **options):
        room = await self._client.join(**options)
        return {"room": room.id, "password": room.password}

    async def leave(self, room):
        await self._client.leave(room)

    async def send(self, room, text):
        room = self._client.room(room)
        seconds = room.life.seconds
        said = content.text(text) if seconds == 0 else content.message(text, expires=seconds)
        return await room.sender.send(said)

    async def set_life(self, room, seconds):
        room, account = self._client.room(room), self._client.account
        life = lives.sign(account.keyring[-1], room.id, account.user, room.life.number + 1, seconds)
        await self._client.ask("update", {"room": room.id, "life": life})

    async def send_content(self, room, kind, **fields):
        kinds = ("message", "edit", "retract", "react", "remove")
        make = {each: getattr(content, each) for each in kinds}
        return await self._client.room(room).sender.send(make[kind](**fields))

    async def roster(self, room):
        roster = self._client.room(room).membership.roster
        members = [
            {"user": each.user, "name": each.name, "role": each.role, "fingerprint": each.fingerprint}
            for each in roster.at(roster.version)
        ]
        return {"version": roster.version, "members": members, "online": self._client.room(room).online}

    async def prekeys(self, room):
        """The members who have one that holds."""
        room = self._client.room(room)
        listed = await prekeys.listed(room.id, self._client.ask)
        members = room.membership.roster.at(room.membership.roster.version)
        held = (each for each in members if prekeys.verified(listed.get(each.user, b""), each.user, each.identity))
        return {"names": sorted(each.name for each in held)}

    async def epochs(self, room):
        return {"numbers": self._client.room(room).epochs.numbers}

    async def safety_number(self, name):
        pins = self._client.pins
        theirs = pins.present(pins.user_of(name)).fingerprint
        return {"number": safety_number(self._client.account.keyring[-1].fingerprint, theirs)}

    async def disconnect(self):
        await self._client.session.close()

    async def resume(self):
        await self._client.resume()

    async def close(self):
        await self._client.close()


async def obey(commands, line):
    request = json.loads(line)
    number, name = request.pop("id"), request.pop("do")
    try:
        answer = await getattr(commands, name.replace("-", "_"))(**request)
        write({"id": number, "ok": answer})
    except Refused as refused:
        write({"id": number, "refused": refused.code, "why": str(refused)})
    except (CannotSend, Lost, Unexplained, ValueError) as fault:
        write({"id": number, "refused": type(fault).__name__, "why": str(fault)})
    except Exception as fault:
        traceback.print_exc()
        write({"id": number, "refused": type(fault).__name__, "why": str(fault)})


async def main(url, name):
    commands, running = Commands(url, name), set()
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        task = asyncio.create_task(obey(commands, line))
        running.add(task)
        task.add_done_callback(running.discard)
    await commands.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
