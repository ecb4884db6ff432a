"""X25519 and ML-KEM-768 joined: PROTOCOL.md section 14, "Prekeys"."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

ML_KEM_CIPHERTEXT_BYTES = 1088
ML_KEM_KEY_BYTES = 1184
COEFFICIENTS_BYTES = 1152
Q = 3329
P = 2**255 - 19
PUBLIC_KEY_BYTES = ML_KEM_KEY_BYTES + 32
LABEL = b"\\.//^\\"
SMALL_ORDER_U = {
    0,
    1,
    P - 1,
    int.from_bytes(bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), "little"),
    int.from_bytes(bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), "little"),
}


def expand(seed):
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def public_key(seed):
    ml_kem, ecdh = expand(seed)
    return ml_kem.public_key().public_bytes_raw() + ecdh.public_key().public_bytes_raw()


def combine(ml_kem_secret, ecdh_secret, ephemeral, ecdh_public):
    return hashlib.sha3_256(ml_kem_secret + ecdh_secret + ephemeral + ecdh_public + LABEL).digest()


def encapsulate(public):
    """(secret, ciphertext)."""
    ml_kem = MLKEM768PublicKey.from_public_bytes(public[:ML_KEM_KEY_BYTES])
    ml_kem_secret, ciphertext = ml_kem.encapsulate()
    ephemeral = X25519PrivateKey.generate()
    ephemeral_public = ephemeral.public_key().public_bytes_raw()
    ecdh_public = public[ML_KEM_KEY_BYTES:]
    ecdh_secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(ecdh_public))
    return combine(ml_kem_secret, ecdh_secret, ephemeral_public, ecdh_public), ciphertext + ephemeral_public


def decapsulate(seed, ciphertext):
    ml_kem, ecdh = expand(seed)
    ephemeral = ciphertext[ML_KEM_CIPHERTEXT_BYTES:]
    ecdh_secret = ecdh.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    ml_kem_secret = ml_kem.decapsulate(ciphertext[:ML_KEM_CIPHERTEXT_BYTES])
    return combine(ml_kem_secret, ecdh_secret, ephemeral, ecdh.public_key().public_bytes_raw())


def is_public_key(public):
    if len(public) != PUBLIC_KEY_BYTES:
        return False
    pairs = (int.from_bytes(public[at : at + 3], "little") for at in range(0, COEFFICIENTS_BYTES, 3))
    u = int.from_bytes(public[ML_KEM_KEY_BYTES:], "little")
    return u < P and u not in SMALL_ORDER_U and all(pair & 0xFFF < Q and pair >> 12 < Q for pair in pairs)
