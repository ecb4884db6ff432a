"""What a client keeps of its own account: keys, id, token, room secrets. PROTOCOL.md sections 6 to 8."""

from identity import Keys, make_identity
from prekeys import now_ms


class Account:
    def __init__(self, name):
        self.name = name
        # The present keys come last; older ones stay for old copies.
        self.keyring = [Keys()]
        self.identity = make_identity(self.keyring[-1], name, now_ms())
        self.user = None
        self.token = None
        self._secrets = {}

    def opened(self, reply):
        """What the replies to `answer` and `resume` tell."""
        self.user, self.name, self.token = reply["user"], reply["name"], reply["token"]

    def keep_secret(self, room, number, secret):
        self._secrets[(room, number)] = secret

    def secret(self, room, number):
        """The room secret of that password number: empty for 0, None when it is not known."""
        return b"" if number == 0 else self._secrets.get((room, number))
