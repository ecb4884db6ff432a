// A test opens the same file, or joins the same room, many times. What takes half a second is derived once in a process.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const patched = Symbol.for('conclave.scrypt-once');
const { scrypt } = crypto;
/** By a hash of what a key is derived from. */
const derived = new Map();

async function once(secret, salt, terms, derive) {
  const parts = [secret, salt, JSON.stringify(terms)];
  const hashes = parts.map((part) => crypto.createHash('sha256').update(part).digest('hex'));
  const name = hashes.join(' ');
  if (!derived.has(name)) derived.set(name, derive());
  return Uint8Array.from(await derived.get(name));
}

function native(secret, salt, length, terms) {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, length, terms, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/** In place of @noble/hashes' own, which takes twice the time. Programs that tests start have that. */
export function scryptAsync(secret, salt, { N, r, p, dkLen }) {
  const terms = { N, r, p, maxmem: 256 * N * r };
  return once(secret, salt, { dkLen, ...terms }, () => native(secret, salt, dkLen, terms));
}

/** In place of Node's own. */
function scryptOnce(secret, salt, length, terms, done) {
  once(secret, salt, { length, ...terms }, () => native(secret, salt, length, terms)).then(
    (key) => done(null, Buffer.from(key)),
    (error) => done(error),
  );
}

if (!(patched in scrypt)) {
  crypto.scrypt = Object.assign(scryptOnce, { [patched]: true });
  syncBuiltinESMExports();
}
