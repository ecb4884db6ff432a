"""What proves to a server who one is: PROTOCOL.md section 6 (registering) and section 7."""

import hmac
from dataclasses import dataclass

from contexts import context, sha256


@dataclass(frozen=True)
class Greeting:
    """What binds everything below to one connection: the origin that was dialled, and both nonces."""

    origin: str
    client_nonce: bytes
    server_nonce: bytes

    @property
    def fields(self):
        return [self.origin, self.client_nonce, self.server_nonce]


def possession_proof(keys, greeting, document):
    return keys.sign_pair(context("register", [*greeting.fields, sha256(document)]))


def challenge_answer(keys, greeting, name, challenge, expires):
    """The MAC that answers a login challenge; one for other keys or another connection does not open."""
    fields = [greeting.origin, name.lower(), greeting.client_nonce, greeting.server_nonce, expires]
    secret = keys.open(challenge, context("login-challenge", fields))
    return hmac.digest(secret, context("login-answer", fields), "sha256")


def resume_signature(keys, greeting, token):
    return keys.sign(context("resume", [sha256(token), *greeting.fields]))
