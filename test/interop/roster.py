"""Who was a member at which version of a room: PROTOCOL.md section 8."""

from dataclasses import dataclass, replace

from identity import Identity, read_identity


@dataclass(frozen=True)
class Stretch:
    """A membership under one identity, from version `since` up to, not including, `left`."""

    user: bytes
    name: str
    role: str
    joined: int
    since: int
    left: int | None
    identity: Identity

    @property
    def fingerprint(self):
        return self.identity.fingerprint

    def holds_at(self, version):
        return self.since <= version and (self.left is None or version < self.left)


def read_stretch(body):
    identity = read_identity(body["identity"]["document"], body["identity"]["signatures"])
    return Stretch(
        body["user"], body["name"], body["role"], body["joined"], body["since"], body.get("left"), identity
    )


class Roster:
    """All stretches of one room that are known, and the version up to which they are."""

    def __init__(self):
        self.version = 0
        self._stretches = {}

    def put(self, stretch):
        """Another role keeps the stretch, another identity ends it; one that ended stays so."""
        known = self._stretches.get((stretch.user, stretch.since))
        if known is not None and known.left is not None:
            stretch = replace(stretch, left=known.left)
        self._stretches[(stretch.user, stretch.since)] = stretch

    def begin(self, stretch):
        """A stretch that an event announces ends the one before of the same user."""
        for known in self.of(stretch.user):
            if known.left is None and known.since < stretch.since:
                self.put(replace(known, left=stretch.since))
        self.put(stretch)

    def of(self, user):
        return [stretch for stretch in self._stretches.values() if stretch.user == user]

    def at(self, version):
        """The members at that version, ascending by id."""
        members = [stretch for stretch in self._stretches.values() if stretch.holds_at(version)]
        return sorted(members, key=lambda stretch: stretch.user)

    def left_after(self, version):
        """Whose membership of that version ended since, or goes on under another identity."""
        return [each for each in self.at(version) if each.left is not None]

    def member(self, user, version):
        return next((stretch for stretch in self.of(user) if stretch.holds_at(version)), None)
