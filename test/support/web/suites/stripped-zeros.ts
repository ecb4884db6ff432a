import { expect, test } from 'vitest';
import {
  type AccountKeys,
  type ConclaveClient,
  createClient,
  memoryStorage,
  newAccountKeys,
} from '../../../../client/sdk/index.ts';
import { runInPage } from './run-in-page.ts';

/** One plaintext in 256 begins with a zero: it would take a chance of one in ten million to see none among so many. */
const TRIES_MAX = 4_096;
const SENDS_AT_ONCE = 64;
/** Of a login's secret and of a content key. */
const SECRET_BYTES = 32;

/** How often what RSA-OAEP decrypted began with a zero, which WebKit strips. */
let zeros = 0;
const decrypt = crypto.subtle.decrypt.bind(crypto.subtle);
crypto.subtle.decrypt = async (algorithm, key, data) => {
  const decrypted = await decrypt(algorithm, key, data);
  const isOaep = typeof algorithm === 'object' && algorithm.name === 'RSA-OAEP';
  if (isOaep && (decrypted.byteLength < SECRET_BYTES || new Uint8Array(decrypted)[0] === 0)) zeros += 1;
  return decrypted;
};

const server = new URLSearchParams(Reflect.get(globalThis, 'location').search).get('server') ?? '';

const clientOf = (keys: AccountKeys): Promise<ConclaveClient> =>
  createClient({ server, storage: memoryStorage(keys), webSocket: WebSocket });

async function registered(name: string): Promise<ConclaveClient> {
  const client = await clientOf(await newAccountKeys(name));
  await client.register();
  return client;
}

runInPage('stripped-zeros', () => {
  test('logins go through, those whose secret begins with a zero too', async () => {
    const keys = await newAccountKeys('ada');
    const first = await clientOf(keys);
    await first.register();
    await first.close();
    zeros = 0;
    for (let tries = 0; zeros === 0; tries += 1) {
      expect(tries).toBeLessThan(TRIES_MAX);
      // It has the keys and no token, as on a new machine.
      const client = await clientOf(keys);
      await client.connect({ timeoutMs: 30_000 });
      await client.close();
    }
  });

  test('messages open, those whose key begins with a zero too', async () => {
    const [bob, carol] = [await registered('bob'), await registered('carol')];
    await bob.create('Lobby', { suite: 1 });
    await carol.join('Lobby');
    const [from, to] = [await bob.room('Lobby'), await carol.room('Lobby')];
    const messages = to.follow({ after: 'now' });
    zeros = 0;
    for (let sent = 0; zeros === 0; sent += SENDS_AT_ONCE) {
      expect(sent).toBeLessThan(TRIES_MAX);
      const texts = Array.from({ length: SENDS_AT_ONCE }, (_, at) => `number ${sent + at}`);
      await Promise.all(texts.map((text) => from.send(text)));
      for (const text of texts) expect((await messages.next()).value).toMatchObject({ status: 'ok', text });
    }
    await Promise.all([bob.close(), carol.close()]);
  });
});
