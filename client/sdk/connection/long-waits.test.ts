import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture, taken } from '../../../test/support/sdk/live-fixture.ts';
import { settled } from '../../../test/support/sdk/manual-clock.ts';
import { texts } from '../../texts/texts.ts';
import type { Fetch } from '../files/chunk-http.ts';
import { type FileSource, memoryStorage, newAccountKeys } from '../index.ts';

const { unavailable, epoch } = texts.heldUp;
const HOUR_MS = 3_600_000;
/** As long as a client waits for those who are at it. */
const MAKER_WAIT_MS = 30_000;
const ATTEMPTS = 60;
const ATTEMPT_MS = 90_000;

/** Somebody whose time the test moves, and why that person is told to wait; undefined: there is nothing to wait for any more. */
async function timed(fixture: LiveFixture, fetch: Fetch = globalThis.fetch) {
  const clock = fixture.clock();
  const client = await fixture.client(memoryStorage(await newAccountKeys('Ada')), { clock, fetch });
  await client.register();
  const told: (string | undefined)[] = [];
  void (async () => {
    for await (const notice of client.notices())
      if (notice.type === 'held-up') told.push(notice.error?.message);
  })();
  /** Lets time pass until then. */
  const pass = async (until: () => boolean): Promise<void> => {
    for (await settled(); !until(); await settled()) await clock.advance(100);
  };
  return { client, clock, told, pass };
}

describe('a wait for another member who makes the new key of a room', () => {
  test('is told with its reason, and ends in time whatever the server says', async () => {
    await using fixture = await LiveFixture.start();
    const { client, clock, told } = await timed(fixture);
    await client.create('Vault', { suite: 2 });
    const room = await client.room('Vault');
    fixture.server.reply('epochs', (reply, { make }) =>
      make === true ? { epochs: [], more: false, waitMs: HOUR_MS } : reply,
    );
    const sending = room.send('in the end');
    await eventually(() => expect(client.heldUp?.message).toBe(epoch));
    await clock.advance(MAKER_WAIT_MS - 1);
    expect(client.heldUp?.message).toBe(epoch);
    expect(told).toEqual([epoch]);
    await clock.advance(1);
    await sending;
    expect(await taken(room.follow({ after: 'joined' }), 1)).toEqual(['in the end']);
    expect(told).toEqual([epoch, undefined]);
  });
});

describe('a chunk of a file', () => {
  const source: FileSource = {
    ...{ name: 'a.bin', type: 'application/octet-stream', size: 3 },
    read: async () => Uint8Array.of(1, 2, 3),
  };

  test('that the server cannot take now is told with the reason, and given up after a number of attempts', async () => {
    await using fixture = await LiveFixture.start();
    let attempts = 0;
    const { client, told, pass } = await timed(fixture, async () => {
      attempts += 1;
      return new Response(null, { status: 503 });
    });
    await client.create('Lobby');
    let outcome: unknown;
    const upload = (await client.room('Lobby')).upload(source).catch((error: unknown) => {
      outcome = error;
    });
    await pass(() => outcome !== undefined);
    await upload;
    expect(outcome).toMatchObject({ code: 'unavailable' });
    expect(attempts).toBe(ATTEMPTS);
    expect(told).toEqual([unavailable, undefined]);
  });

  test('that is not answered is given up after a while, and tried again', async () => {
    await using fixture = await LiveFixture.start();
    const asked: (AbortSignal | null | undefined)[] = [];
    const { client, clock, pass } = await timed(fixture, (_, init) => {
      asked.push(init?.signal);
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('ended')), { once: true });
      });
    });
    await client.create('Lobby');
    const abort = new AbortController();
    const upload = (await client.room('Lobby')).upload(source, { signal: abort.signal });
    const ended = expect(upload).rejects.toThrow('enough');
    await eventually(() => expect(asked).toHaveLength(1));
    await clock.advance(ATTEMPT_MS - 1);
    expect(asked[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect(asked[0]?.aborted).toBe(true);
    await pass(() => asked.length === 2);
    abort.abort(new Error('enough'));
    await ended;
  });
});
