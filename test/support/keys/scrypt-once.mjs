// A test opens the same file, or joins the same room, many times. What takes half a second is derived once in a process.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
// By its path: under its name, vitest finds this file.
import * as noble from '../../../node_modules/@noble/hashes/scrypt.js';

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

/** In place of @noble/hashes' own. */
export function scryptAsync(secret, salt, terms) {
  return once(secret, salt, terms, () => noble.scryptAsync(secret, salt, terms));
}

/** In place of Node's own. */
function scryptOnce(secret, salt, length, terms, done) {
  const derive = () =>
    new Promise((resolve, reject) => {
      scrypt(secret, salt, length, terms, (error, key) => (error === null ? resolve(key) : reject(error)));
    });
  once(secret, salt, { length, ...terms }, derive).then(
    (key) => done(null, Buffer.from(key)),
    (error) => done(error),
  );
}

if (!(patched in scrypt)) {
  crypto.scrypt = Object.assign(scryptOnce, { [patched]: true });
  syncBuiltinESMExports();
}
