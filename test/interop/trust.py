"""Pins of people and rooms, for one server origin: PROTOCOL.md section 11."""


class Unexplained(Exception):
    """A change that a person has to accept first."""


class Pins:
    def __init__(self):
        # Of each user the documents that were accepted, as one piece of the user's chain, oldest first.
        self._chains = {}
        self._users = {}
        self._rooms = {}

    def pin_user(self, user, identity):
        """True when this user was never seen before, and is taken on faith."""
        if self._users.setdefault(identity.name.lower(), user) != user:
            raise Unexplained(f"{identity.name} is another account than before")
        known = self._chains.setdefault(user, [identity])
        if known[0].name.lower() != identity.name.lower():
            raise Unexplained(f"{known[0].name} has another name than before")
        return known == [identity]

    def accepts(self, user, identity):
        """Whether exactly this document of the user was accepted."""
        return any(known.document == identity.document for known in self._chains.get(user, []))

    def identity_of(self, user, fingerprint):
        return next((known for known in self._chains.get(user, []) if known.fingerprint == fingerprint), None)

    def present(self, user):
        return self._chains[user][-1]

    def oldest(self, user):
        return self._chains[user][0]

    def user_of(self, name):
        return self._users.get(name.lower())

    def extend(self, user, documents):
        """Accepts what both keys of an accepted document signed, and what led to one that was accepted."""
        chain = self._chains[user]
        for identity in documents:
            if identity.succeeds(chain[-1]):
                chain.append(identity)
        for identity in reversed(documents):
            if chain[0].succeeds(identity):
                chain.insert(0, identity)

    def pin_room(self, name, room, locked, suite):
        known, was_locked, before = self._rooms.setdefault(name.lower(), (room, locked, suite))
        if known != room:
            raise Unexplained(f"{name} is another room than before")
        if was_locked and not locked:
            raise Unexplained(f"{name} had a password and has none now")
        if suite < before:
            raise Unexplained(f"{name} was of suite {before} and is of suite {suite} now")
        self._rooms[name.lower()] = (room, locked, suite)

    def rename_room(self, before, after):
        self._rooms[after.lower()] = self._rooms.pop(before.lower())
