"""Keeping a room's roster whole, from `members` and from events: PROTOCOL.md section 8."""

from frames import Refused
from identity import BadIdentity
from roster import Roster, read_stretch
from trust import Unexplained


class Membership:
    """`ask` sends a request that may be repeated; `say` tells the person of the client."""

    def __init__(self, room, people, ask, say):
        self._room, self._people, self._ask, self._say = room, people, ask, say
        self.roster = Roster()
        self.unexplained = {}
        self.known_from = None

    async def load(self):
        """The members now; nothing is known of earlier versions."""
        self.roster = Roster()
        await self._fetch({"room": self._room})
        self.known_from = self.roster.version

    async def know(self, version):
        """Asks for what is missing of the roster of that version, before or behind what is known."""
        if version > self.roster.version:
            await self.refresh()
        if version >= self.known_from:
            return
        try:
            await self._fetch({"room": self._room, "since": version})
            self.known_from = version
        except Refused as refused:
            if refused.code != "conflict":
                raise

    def at(self, version):
        """The members at that version, ascending by id; None when they are not known."""
        is_known = self.known_from <= version <= self.roster.version
        return self.roster.at(version) if is_known else None

    async def identity_at(self, user, fingerprint, version):
        """By which a member signed then; raises Unexplained. Until the roster has new keys, both are in use."""
        await self.know(version)
        stretch = self.roster.member(user, version)
        if stretch is None and self.at(version) is not None:
            raise Unexplained("its sender was no member")
        if stretch is not None and stretch.identity.fingerprint == fingerprint:
            return stretch.identity
        identity = await self._people.find(user, fingerprint)
        if identity is None or (stretch is not None and identity.sequence < stretch.identity.sequence):
            raise Unexplained("by no identity that its sender had then")
        return identity

    async def refresh(self):
        """What began, ended or changed after the known version."""
        try:
            await self._fetch({"room": self._room, "since": self.roster.version})
        except Refused as refused:
            if refused.code != "conflict":
                raise
            await self.load()

    async def _fetch(self, body):
        """All pages, up to the version of the first; from there again when it is over before the last."""
        version, cursor = None, None
        while True:
            try:
                page = await self._ask("members", body | ({} if cursor is None else {"cursor": cursor}))
            except Refused as refused:
                if refused.code != "conflict" or cursor is None:
                    raise
                cursor = None
                continue
            if cursor is None:
                version = page["version"]
            for each in page["members"]:
                await self._learn(each, self.roster.put)
            cursor = page.get("cursor")
            if cursor is None:
                self.roster.version = max(self.roster.version, version)
                return

    async def take(self, event):
        """The event `roster`."""
        if event["version"] <= self.roster.version:
            return
        if event["version"] > self.roster.version + 1:
            await self.refresh()
            return
        for each in (event["member"], event.get("former")):
            if each is not None:
                await self._learn(each, self.roster.begin)
        self.roster.version = event["version"]

    async def reach(self, version):
        """The event `room`: settings raise the version too, and leave the members as they were."""
        if version == self.roster.version + 1:
            self.roster.version = version
        elif version > self.roster.version:
            await self.refresh()

    async def _learn(self, body, put):
        try:
            stretch = read_stretch(body)
            await self._people.accept(stretch)
        except (BadIdentity, Unexplained) as fault:
            self.unexplained[body["user"]] = str(fault)
            self._say("unexplained", name=body["name"], why=str(fault))
            return
        put(stretch)
