// Loaded before tests and before the programs that they start. An RSA key takes as long as everything else that a small test
// does, so keys are kept in .cache and drawn from there. No key is drawn twice in a run. The pool grows when it runs out.
import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pool = fileURLToPath(new URL('../../../.cache/test-keys', import.meta.url));
/** A folder of the run, in which each drawn key has one of its name. Without it, nothing is drawn. */
const drawn = process.env.TEST_KEYS_DRAWN;
const { subtle } = globalThis.crypto;
const patched = Symbol.for('conclave.key-pool');

if (drawn !== undefined && !(patched in subtle)) {
  const generate = subtle.generateKey.bind(subtle);
  const generateOrDraw = async (algorithm, extractable, usages) => {
    if (!isPooled(algorithm)) return generate(algorithm, extractable, usages);
    const pkcs8 = draw() ?? (await add(generate));
    const privateUsages = usages.filter((usage) => usage === 'sign');
    const privateKey = await subtle.importKey('pkcs8', pkcs8, algorithm, extractable, privateUsages);
    const { n, e } = await subtle.exportKey(
      'jwk',
      await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    );
    const publicUsages = usages.filter((usage) => usage === 'verify');
    const publicKey = await subtle.importKey('jwk', { kty: 'RSA', n, e }, algorithm, true, publicUsages);
    return { privateKey, publicKey };
  };
  Object.defineProperties(subtle, { [patched]: { value: true }, generateKey: { value: generateOrDraw } });
}

/** Whether it is what the client asks for: whatever else is asked for is made. */
function isPooled({ name, modulusLength, publicExponent, hash }) {
  const isCommon = publicExponent?.length === 3 && publicExponent.join() === '1,0,1';
  return name === 'RSA-PSS' && modulusLength === 2048 && isCommon && hash === 'SHA-256';
}

/** A key that nobody in this run has, or undefined. */
function draw() {
  mkdirSync(pool, { recursive: true });
  const names = readdirSync(pool).filter((name) => name.endsWith('.der'));
  const first = names.length === 0 ? 0 : randomInt(names.length);
  const name = [...names.slice(first), ...names.slice(0, first)].find(isMine);
  return name === undefined ? undefined : readFileSync(join(pool, name));
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

async function add(generate) {
  const algorithm = {
    name: 'RSA-PSS',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const { privateKey } = await generate(algorithm, true, ['sign', 'verify']);
  const pkcs8 = new Uint8Array(await subtle.exportKey('pkcs8', privateKey));
  const name = `${randomUUID()}.der`;
  isMine(name);
  // Under its name only when it is whole.
  const unfinished = join(pool, `${name}.new`);
  writeFileSync(unfinished, pkcs8, { mode: 0o600 });
  renameSync(unfinished, join(pool, name));
  return pkcs8;
}
