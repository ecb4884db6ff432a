import { publicEncrypt, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { memoryStorage } from '../../client/sdk/index.ts';
import { parseIdentityDocument } from '../../src/protocol/layouts/identity-document.ts';
import { challengeLabel } from '../../src/protocol/layouts/session-proofs.ts';
import { foldName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

/** The same keys on a new machine, which must log in by them. */
async function newMachine({ storage }: Actor): Promise<Actor> {
  const elsewhere = memoryStorage(storage.account);
  return theatre.restart({ client: { close: async () => undefined } as Actor['client'], storage: elsewhere });
}

describe('a server in the middle', () => {
  it('cannot pass a login on to the server that the account is at', async () => {
    const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
    const home = present(parseOrigin(theatre.gateway.url));
    theatre.hostile.divert('hello', (hello) => ({ ...hello, origin: home }));
    await expect(newMachine(alice)).rejects.toMatchObject({ code: 'auth_failed' });
    expect(theatre.hostile.count('login')).toBeGreaterThan(0);
    expect(theatre.hostile.count('answer')).toBe(0);
  });

  it('cannot pass a resume on either', async () => {
    const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
    const home = present(parseOrigin(theatre.gateway.url));
    theatre.hostile.divert('hello', (hello) => ({ ...hello, origin: home }));
    // The client dials another address with the token in its storage: the signature names the wrong one.
    await expect(theatre.restart(alice)).rejects.toMatchObject({ code: 'auth_failed' });
    expect(theatre.hostile.count('resume')).toBeGreaterThan(0);
    expect(theatre.hostile.count('answer')).toBe(0);
  });

  it('cannot swap the nonces of the connection', async () => {
    const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
    theatre.hostile.reply('hello', (hello) => ({ ...hello, nonce: new Uint8Array(32) }));
    await expect(newMachine(alice)).rejects.toMatchObject({ code: 'auth_failed' });
    expect(theatre.hostile.count('answer')).toBe(0);
  });

  it('cannot register an account in passing for a name at the other server', async () => {
    const home = present(parseOrigin(theatre.gateway.url));
    theatre.hostile.divert('hello', (hello) => ({ ...hello, origin: home }));
    await expect(theatre.actor(theatre.name('Alice'))).rejects.toMatchObject({ code: 'invalid_identity' });
  });
});

describe('a made-up login challenge', () => {
  it('that is a stored message’s wrap gets no answer', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    const name = theatre.name('Lobby');
    await alice.client.create(name);
    const room = await alice.client.room(name);
    await room.send('kept by the server');
    let wrap: Uint8Array | undefined;
    theatre.hostile.reply('history', (reply) => {
      wrap = reply.messages[0]?.wrap;
      return reply;
    });
    await room.history({ after: 0 });
    const challenge = present(wrap);
    theatre.hostile.reply('login', (reply) => ({ ...reply, challenge }));
    theatre.hostile.asked.length = 0;
    await expect(newMachine(alice)).rejects.toMatchObject({ code: 'auth_failed' });
    expect(theatre.hostile.count('login')).toBe(1);
    expect(theatre.hostile.count('answer')).toBe(0);
  });

  it('that is random bytes, or one of an earlier connection, gets no answer', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    const challenges: Uint8Array[] = [];
    theatre.hostile.reply('login', (reply) => {
      challenges.push(reply.challenge);
      return reply;
    });
    await newMachine(alice);
    for (const challenge of [present(challenges[0]), new Uint8Array(randomBytes(256))]) {
      theatre.hostile.begin();
      theatre.hostile.reply('login', (reply) => ({ ...reply, challenge }));
      await expect(newMachine(alice)).rejects.toMatchObject({ code: 'auth_failed' });
      expect(theatre.hostile.count('answer')).toBe(0);
    }
  });

  it('that is well made for this very connection is answered with a MAC, which opens nothing else', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    theatre.hostile.begin();
    const { user } = await alice.client.me();
    const identity = parseIdentityDocument(present(alice.storage.account.identities[0]).signed.document);
    if (!identity.ok) throw new Error(identity.reason);
    const secret = randomBytes(32);
    const nonces: { client?: Uint8Array; server?: Uint8Array } = {};
    theatre.hostile.reply('hello', (reply, request) => {
      nonces.client = request.nonce;
      nonces.server = reply.nonce;
      return reply;
    });
    theatre.hostile.reply('login', (reply) => {
      const label = challengeLabel({
        origin: present(parseOrigin(theatre.hostile.url)),
        username: foldName(user),
        clientNonce: present(nonces.client),
        serverNonce: present(nonces.server),
        expires: reply.expires,
      });
      const key = {
        key: Buffer.from(identity.document.rsaKey),
        format: 'der',
        type: 'spki',
        oaepHash: 'sha256',
        oaepLabel: Buffer.from(label),
      } as const;
      return { ...reply, challenge: new Uint8Array(publicEncrypt(key, secret)) };
    });
    await expect(newMachine(alice)).rejects.toMatchObject({ code: 'auth_failed' });
    const answers = theatre.hostile.asked.flatMap((asked) =>
      asked.name === 'answer' ? [asked.body.mac] : [],
    );
    expect(answers).toHaveLength(1);
    expect(Buffer.from(present(answers[0])).includes(secret)).toBe(false);
  });
});

describe('a downgrade', () => {
  it.each([0, 2])(
    'to protocol version %i in the greeting ends the client before it shows any proof',
    async (version) => {
      const alice = await theatre.actor(theatre.name('Alice'));
      theatre.hostile.begin();
      theatre.hostile.reply('hello', (hello) => ({ ...hello, version }));
      await expect(theatre.restart(alice)).rejects.toMatchObject({ code: 'unsupported_version' });
      expect(theatre.hostile.asked.map(({ name }) => name)).toEqual(['hello']);
    },
  );
});
