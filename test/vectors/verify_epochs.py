"""Checks the vectors of suite 2: X-Wing, prekeys, epochs, and messages under them."""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vector_tools import (
    check_ed25519,
    context,
    context_list,
    header_bytes,
    hkdf,
    load,
    oaep,
    pack,
    pad,
    publics,
    rsa_private,
    same,
    sha256,
    unhex,
)

WEEK_MS = 7 * 24 * 60 * 60 * 1000
NONCE = bytes(12)


def expand(seed):
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def x_wing_public(seed):
    ml_kem, ecdh = expand(seed)
    return ml_kem.public_key().public_bytes_raw() + ecdh.public_key().public_bytes_raw()


def x_wing_open(seed, ciphertext):
    same("length of an X-Wing ciphertext", len(ciphertext), 1120)
    ml_kem, ecdh = expand(seed)
    ephemeral = ciphertext[1088:]
    secrets = ml_kem.decapsulate(ciphertext[:1088]) + ecdh.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    return hashlib.sha3_256(secrets + ephemeral + ecdh.public_key().public_bytes_raw() + b"\\.//^\\").digest()


def verify_x_wing():
    vectors = load("x-wing")["vectors"]
    for vector in vectors:
        seed = unhex(vector["seed"])
        same("X-Wing public key", x_wing_public(seed).hex(), vector["public_key"])
        same("X-Wing secret", x_wing_open(seed, unhex(vector["ciphertext"])).hex(), vector["secret"])
        ephemeral = X25519PrivateKey.from_private_bytes(unhex(vector["random"])[32:])
        same("X-Wing ephemeral", ephemeral.public_key().public_bytes_raw().hex(), vector["ciphertext"][2 * 1088 :])
    return len(vectors)


def verify_epochs():
    vectors = load("epochs")
    people = load("keys")
    seeds = verify_prekeys(vectors["prekeys"], people)
    previous = b""
    keys = {}
    for vector in vectors["epochs"]:
        keys[vector["body_fields"]["number"]] = verify_epoch(vector, previous, people, seeds)
        previous = unhex(vector["record_hash"])
    bodies = {vector["body_fields"]["number"]: vector for vector in vectors["epochs"]}
    previous = b""
    for number, vector in enumerate(vectors["messages"]):
        same("number", vector["header_fields"]["number"], number)
        same("previous hash", vector["header_fields"]["previous_hash"], previous.hex())
        verify_message(vector, bodies[vector["epoch"]], keys[vector["epoch"]], people)
        previous = unhex(vector["header_hash"])
    return len(seeds) + len(vectors["epochs"]) + len(vectors["messages"])


def verify_prekeys(vectors, people):
    """The seeds by week."""
    person = people[vectors["person"]]
    chain = unhex(vectors["weeks"][0]["chain_key"])
    seeds = {}
    for week, vector in enumerate(vectors["weeks"], 1):
        same("chain key", chain.hex(), vector["chain_key"])
        seeds[week] = hkdf(chain, b"", context("prekey-seed"), 32)
        same("seed", seeds[week].hex(), vector["seed"])
        public = x_wing_public(seeds[week])
        same("prekey", public.hex(), vector["public_key"])
        start = vectors["created_at"] + (week - 1) * WEEK_MS
        fields = [1, unhex(vectors["user"]), unhex(person["fingerprint"]), week, public, start, start + WEEK_MS]
        same("prekey document", pack(fields).hex(), vector["document"])
        data = context("prekey", sha256(pack(fields)))
        check_ed25519(publics(person)[1], unhex(vector["signature"]), data)
        chain = hkdf(chain, b"", context("prekey-chain"), 32)
    return seeds


def verify_epoch(vector, previous, people, seeds):
    """The epoch's key."""
    fields = vector["body_fields"]
    pairs = [[unhex(w["user"]), unhex(people[w["person"]]["fingerprint"])] for w in vector["wraps"]]
    same("order of wraps", pairs, sorted(pairs))
    same("recipients", sha256(context_list("recipients", pairs)).hex(), fields["recipients"])
    same("previous hash", previous.hex(), fields["previous_hash"])
    body = body_bytes(fields)
    same("body", body.hex(), vector["body"])
    leaves = [sha256(context_list("epoch-leaf", [unhex(w["user"]), unhex(w["wrap"])])) for w in vector["wraps"]]
    root = tree_top(leaves)
    same("root", root.hex(), vector["root"])
    committer = next(w["person"] for w in vector["wraps"] if w["user"] == fields["committer"])
    same("committer", people[committer]["fingerprint"], fields["committer_fingerprint"])
    signature = unhex(vector["signature"])
    check_ed25519(publics(people[committer])[1], signature, context_list("epoch", [sha256(body), root]))
    same("record", (body + root + signature).hex(), vector["record"])
    same("record hash", sha256(body + root + signature).hex(), vector["record_hash"])
    for index, wrap in enumerate(vector["wraps"]):
        top = climb(leaves[index], index, len(leaves), split(unhex(wrap["path"])))
        same("root by the path", top.hex(), vector["root"])
        key = open_wrap(unhex(wrap["wrap"]), sha256(body), fields["keying"], wrap, people, seeds)
        same("epoch key", key.hex(), vector["key"])
        commit_key = hkdf(key, b"", context("epoch-commit-key"), 32)
        commitment = hmac.digest(commit_key, context("epoch-commit", unhex(fields["room"])), "sha256")
        same("epoch commitment", commitment.hex(), fields["commitment"])
    return unhex(vector["key"])


def body_bytes(f):
    return pack(
        [1, 2, unhex(f["room"]), f["number"], f["roster_version"], unhex(f["recipients"]), f["password_number"]]
        + [f["keying"], unhex(f["committer"]), unhex(f["committer_fingerprint"]), unhex(f["previous_hash"])]
        + [unhex(f["commitment"]), f["reason"], f["made_at"]]
    )


def join(left, right):
    return sha256(context("epoch-node", left + right))


def tree_top(nodes):
    """As RFC 9162 splits it: at the largest power of two below the count."""
    if len(nodes) == 1:
        return nodes[0]
    half = 1 << ((len(nodes) - 1).bit_length() - 1)
    return join(tree_top(nodes[:half]), tree_top(nodes[half:]))


def climb(node, index, count, path):
    """RFC 9162, 2.1.3.2."""
    last = count - 1
    for partner in path:
        if index % 2 == 1 or index == last:
            node = join(partner, node)
            while index % 2 == 0 and index > 0:
                index, last = index >> 1, last >> 1
        else:
            node = join(node, partner)
        index, last = index >> 1, last >> 1
    same("end of the path", last, 0)
    return node


def split(path):
    return [path[at : at + 32] for at in range(0, len(path), 32)]


def open_wrap(data, body_hash, keying, about, people, seeds):
    user, person = unhex(about["user"]), people[about["person"]]
    week = int.from_bytes(data[:4], "big") if keying == 2 else 0
    same("week", week, about["week"])
    rsa = data[4:260] if keying == 2 else data
    label = context_list("epoch-rsa", [body_hash, user, 2 if week else 1])
    secret = rsa_private(person).decrypt(rsa, oaep(label))
    if week == 0:
        same("length of a wrap", len(data), 260 if keying == 2 else 256)
        return secret
    same("length of a wrap", len(data), 1428)
    x_wing, sealed = data[260:1380], data[1380:]
    fields = [body_hash, user, unhex(person["fingerprint"]), week, sha256(rsa + x_wing)]
    key = hkdf(secret + x_wing_open(seeds[week], x_wing), b"", context_list("epoch-wrap", fields), 32)
    return AESGCM(key).decrypt(NONCE, sealed, b"")


def verify_message(vector, epoch, key, people):
    fields, body = vector["header_fields"], epoch["body_fields"]
    same("layout and suite", [fields["layout"], fields["suite"]], [3, 2])
    for name in ("roster_version", "recipients", "password_number"):
        same(name, fields[name], body[name])
    same("record hash", fields["record_hash"], epoch["record_hash"])
    header = header_bytes(fields)
    same("header", header.hex(), vector["header"])
    same("header hash", sha256(header).hex(), vector["header_hash"])
    place = [unhex(fields["room"]), fields["epoch"], unhex(fields["record_hash"]), unhex(fields["sender"])]
    place += [unhex(fields["chain"]), fields["number"], unhex(fields["message_id"])]
    salt = unhex(fields["salt"]) + unhex(vector["room_secret"])
    derived = hkdf(key, salt, context_list("content2", place), 76)
    commitment = hmac.digest(derived[44:], context("commit"), "sha256")
    same("commitment", commitment.hex(), fields["commitment"])
    plaintext = AESGCM(derived[:32]).decrypt(derived[32:44], unhex(vector["ciphertext"]), header)
    same("plaintext", plaintext.hex(), vector["plaintext"])
    same("padded content", plaintext[64:].hex(), pad(pack([0, vector["text"]])).hex())
    data = context_list("message", [sha256(header), sha256(plaintext[64:])])
    same("signature input", data.hex(), vector["signature_input"])
    sender = next(person for person in people.values() if person["fingerprint"] == fields["sender_fingerprint"])
    check_ed25519(publics(sender)[1], plaintext[:64], data)
