// Loaded before tests and before the programs that they start. An RSA key takes as long as everything else that a small test
// does, so each is the product of two primes of a few that .cache keeps. No pair is drawn twice in a run.
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of the run: `primes.json`, and one folder for each drawn pair. Without it, nothing is drawn. */
const drawn = process.env.TEST_KEYS_DRAWN;
const { subtle } = globalThis.crypto;
const patched = Symbol.for('conclave.key-pool');
const E = 65_537n;

if (drawn !== undefined && !(patched in subtle)) {
  const generate = subtle.generateKey.bind(subtle);
  const generateOrDraw = async (algorithm, extractable, usages) => {
    const pair = isPooled(algorithm) ? draw() : undefined;
    if (pair === undefined) return generate(algorithm, extractable, usages);
    const jwk = jwkOf(...pair);
    const privateUsages = usages.filter((usage) => usage === 'sign');
    const privateKey = await subtle.importKey('jwk', jwk, algorithm, extractable, privateUsages);
    const publicUsages = usages.filter((usage) => usage === 'verify');
    const { kty, n, e } = jwk;
    const publicKey = await subtle.importKey('jwk', { kty, n, e }, algorithm, true, publicUsages);
    return { privateKey, publicKey };
  };
  Object.defineProperties(subtle, { [patched]: { value: true }, generateKey: { value: generateOrDraw } });
}

/** Whether it is what the client asks for: whatever else is asked for is made. */
function isPooled({ name, modulusLength, publicExponent, hash }) {
  const isCommon = publicExponent?.length === 3 && publicExponent.join() === '1,0,1';
  return name === 'RSA-PSS' && modulusLength === 2048 && isCommon && hash === 'SHA-256';
}

/** Two primes that nobody else in this run has together, or undefined. */
function draw() {
  const primes = JSON.parse(readFileSync(join(drawn, 'primes.json'), 'utf8'));
  const pairs = primes.flatMap((p, at) => primes.slice(at + 1).map((q) => [p, q]));
  const first = randomInt(pairs.length);
  for (let count = 0; count < pairs.length; count += 1) {
    const at = (first + count) % pairs.length;
    if (isMine(`${at}`)) return pairs[at].map((hex) => BigInt(`0x${hex}`));
  }
  return undefined;
}

function isMine(name) {
  try {
    mkdirSync(join(drawn, name));
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function jwkOf(p, q) {
  const d = inverse(E, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e: E, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const encoded = Object.entries(numbers).map(([name, value]) => [name, base64url(value)]);
  return { kty: 'RSA', ...Object.fromEntries(encoded) };
}

/** By the extended Euclidean algorithm. */
function inverse(value, modulus) {
  let [r, next] = [modulus, value % modulus];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return t < 0n ? t + modulus : t;
}

function base64url(value) {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
