import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fetch, FileProgress, FileSource } from '../../client/sdk/index.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import {
  downloaded,
  expectSame,
  isPut,
  type Owner,
  random,
  Sharers,
  sourceOf,
  throughHttp,
} from './sharers.ts';

let sharers: Sharers;
const owner = (fetch: Fetch): Promise<Owner> => sharers.owner(fetch);
const anyOwner = (): Promise<Owner> => sharers.anyOwner();

beforeAll(async () => {
  sharers = await Sharers.start();
});
afterAll(() => sharers[Symbol.asyncDispose]());

describe('a file in a room', () => {
  it.each([0, 1, 256, FILE_CHUNK_BYTES - 1, FILE_CHUNK_BYTES, FILE_CHUNK_BYTES + 1, 1_300_000])(
    'of %i bytes comes back as it was, to whoever has the message',
    async (size) => {
      const { room } = await anyOwner();
      const bytes = random(size);
      const file = await room.upload(sourceOf(bytes));
      const { seq } = await room.send('', { files: [file] });
      const { messages } = await room.history({ after: seq - 1, limit: 1 });
      const [message] = messages;
      if (message?.type !== 'message' || message.files?.[0] === undefined) throw new Error('no file came');
      expect(message.files[0]).toEqual(file);
      expectSame(await downloaded(room, message.files[0]), bytes);
    },
  );

  it('tells how far it is, to the end, both ways', async () => {
    const { room } = await anyOwner();
    const told: FileProgress[] = [];
    const onProgress = (progress: FileProgress) => void told.push(progress);
    const total = 3 * FILE_CHUNK_BYTES + 5;
    const file = await room.upload(sourceOf(random(total)), { onProgress });
    await room.download(file, { write: async () => undefined }, { onProgress });
    for (const step of ['hashing', 'uploading', 'downloading'] as const) {
      const steps = told.filter((progress) => progress.step === step).map(({ done }) => done);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      expect(steps.at(-1)).toBe(total);
    }
  });

  it('that broke off continues with the chunks that are missing, under the same key', async () => {
    let puts = 0;
    let isCut = true;
    const cutting: Fetch = async (url, init) => {
      if (isPut(init)) puts += 1;
      // By number: chunks are sealed, and so sent, in any order, and reported in theirs.
      if (isPut(init) && isCut && Number(`${url}`.split('/').at(-1)) >= 3)
        return new Promise<never>((_, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
        );
      return throughHttp(url, init);
    };
    const { room, storage } = await owner(cutting);
    const bytes = random(8 * FILE_CHUNK_BYTES);
    const abort = new AbortController();
    const onProgress = ({ step, done }: FileProgress) => {
      if (step === 'uploading' && done >= 3 * FILE_CHUNK_BYTES) abort.abort(new Error('enough'));
    };
    await expect(room.upload(sourceOf(bytes), { signal: abort.signal, onProgress })).rejects.toThrow(
      'enough',
    );
    const [kept] = await storage.state.list('uploads');
    expect(kept).toBeDefined();
    isCut = false;
    puts = 0;
    const file = await room.upload(sourceOf(bytes));
    expect(puts).toBe(5);
    expectSame(await downloaded(room, file), bytes);
    expect(await storage.state.list('uploads')).toEqual([]);
  });

  it('that is another one by now begins anew, with another id and another key', async () => {
    const failing: { now: boolean } = { now: true };
    const fetch: Fetch = (url, init) =>
      failing.now && isPut(init) ? Promise.reject(new Error('cut')) : throughHttp(url, init);
    const { room, storage } = await owner(fetch);
    const bytes = random(2 * FILE_CHUNK_BYTES);
    const abort = new AbortController();
    const begun = room.upload(sourceOf(bytes), {
      signal: abort.signal,
      onProgress: ({ step }) => {
        if (step === 'uploading') abort.abort(new Error('enough'));
      },
    });
    await expect(begun).rejects.toThrow('enough');
    const [before] = await storage.state.list('uploads');
    failing.now = false;
    bytes[FILE_CHUNK_BYTES] = (bytes[FILE_CHUNK_BYTES] ?? 0) ^ 1;
    const file = await room.upload(sourceOf(bytes));
    expect(Buffer.from(before?.value ?? []).includes(Buffer.from(file.key))).toBe(false);
    expectSame(await downloaded(room, file), bytes);
  });

  it('that changes between its two readings is never sealed under the first key', async () => {
    const { room } = await anyOwner();
    const bytes = random(3 * FILE_CHUNK_BYTES);
    let reads = 0;
    const source: FileSource = {
      ...sourceOf(bytes),
      read: async (offset, length) => {
        reads += 1;
        // After the first reading of all three chunks.
        if (reads === 4) bytes.fill(7, FILE_CHUNK_BYTES, FILE_CHUNK_BYTES + 10);
        return bytes.slice(offset, offset + length);
      },
    };
    const file = await room.upload(source);
    expectSame(await downloaded(room, file), bytes);
    const restless: FileSource = { ...sourceOf(bytes), read: async (_, length) => random(length) };
    await expect(room.upload(restless)).rejects.toMatchObject({ code: 'usage' });
  });

  it('that cannot be read any more is said to be so at once, though the server takes nothing', async () => {
    const fetch: Fetch = async (url, init) =>
      isPut(init) ? new Response('{}', { status: 503 }) : throughHttp(url, init);
    const { room } = await sharers.owner(fetch);
    const bytes = random(3 * FILE_CHUNK_BYTES);
    let reads = 0;
    const read: FileSource['read'] = async (offset, length) => {
      reads += 1;
      // The first chunk is on its way for the second time then.
      if (reads > 4) throw new Error('the disk is gone');
      return bytes.slice(offset, offset + length);
    };
    await expect(room.upload({ ...sourceOf(bytes), read }, { isPatient: true })).rejects.toThrow(
      'the disk is gone',
    );
  });

  it('goes out chunk by chunk after several broke off, so that it gets over a slow line', async () => {
    let [broken, underWay, most] = [0, 0, 0];
    const fetch: Fetch = async (url, init) => {
      if (!isPut(init)) return throughHttp(url, init);
      broken += 1;
      if (broken <= 4) throw new TypeError('the connection was dropped');
      underWay += 1;
      most = Math.max(most, underWay);
      try {
        return await throughHttp(url, init);
      } finally {
        underWay -= 1;
      }
    };
    const { room } = await sharers.owner(fetch);
    const bytes = random(7 * FILE_CHUNK_BYTES);
    expectSame(await downloaded(room, await room.upload(sourceOf(bytes))), bytes);
    expect(most).toBe(1);
  });

  it('waits where the server is busy, and gets a new ticket where one is over', async () => {
    const answers: number[] = [503, 401, 429, 500];
    const fetch: Fetch = async (url, init) => {
      const status = answers.shift();
      return status === undefined ? throughHttp(url, init) : new Response('{}', { status });
    };
    const { room } = await owner(fetch);
    const bytes = random(1_000);
    const file = await room.upload(sourceOf(bytes));
    expect(answers).toEqual([]);
    for (const status of [401, 503]) void answers.push(status);
    expectSame(await downloaded(room, file), bytes);
  });

  it('is refused before anything is sent when it is larger than the server takes', async () => {
    const { room } = await anyOwner();
    const endless: FileSource = { ...sourceOf(new Uint8Array(0)), size: 200 * 1024 * 1024 };
    await expect(room.upload(endless)).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('a server that lies about a file', () => {
  /** Reads the file with answers that `change` made of the honest ones; undefined: it is to be asked for later. */
  async function readWith(
    change: (
      bytes: Uint8Array,
      number: number,
      ask: (number: number) => Promise<Uint8Array>,
    ) => Promise<Uint8Array> | Uint8Array | undefined,
  ) {
    let lies = false;
    const fetch: Fetch = async (url, init) => {
      if (!lies || isPut(init)) return throughHttp(url, init);
      const ask = async (number: number): Promise<Uint8Array> =>
        new Uint8Array(
          await (await throughHttp(String(url).replace(/\d+$/, `${number}`), init)).arrayBuffer(),
        );
      const number = Number(/\d+$/.exec(String(url))?.[0]);
      const changed = await change(await ask(number), number, ask);
      return changed === undefined
        ? new Response('{}', { status: 503 })
        : new Response(new Uint8Array(changed));
    };
    const { room } = await owner(fetch);
    const bytes = random(3 * FILE_CHUNK_BYTES);
    const file = await room.upload(sourceOf(bytes));
    lies = true;
    return { room, file };
  }

  it('by an altered chunk is found out', async () => {
    const { room, file } = await readWith((bytes, number) => {
      if (number === 1) bytes[5] = (bytes[5] ?? 0) ^ 1;
      return bytes;
    });
    await expect(downloaded(room, file)).rejects.toMatchObject({ code: 'trust' });
  });

  it('by an altered chunk is found out, while it gives out no other', async () => {
    const { room, file } = await readWith((bytes, number) => {
      if (number > 0) return undefined;
      bytes[5] = (bytes[5] ?? 0) ^ 1;
      return bytes;
    });
    const sink = { write: async () => undefined };
    await expect(room.download(file, sink, { isPatient: true })).rejects.toMatchObject({ code: 'trust' });
  });

  it('by chunks in another order is found out', async () => {
    const { room, file } = await readWith((_, number, ask) =>
      ask(number === 0 ? 1 : number === 1 ? 0 : number),
    );
    await expect(downloaded(room, file)).rejects.toMatchObject({ code: 'trust' });
  });

  it('by the file under another key, name of its content or size is found out', async () => {
    const { room } = await anyOwner();
    const file = await room.upload(sourceOf(random(1_000)));
    const other = await room.upload(sourceOf(random(1_000)));
    for (const wrong of [
      { ...file, key: other.key },
      { ...file, hash: other.hash },
      { ...file, file: other.file },
      { ...file, size: file.size - 300 },
      { ...file, size: file.size - 1 },
    ])
      await expect(downloaded(room, wrong)).rejects.toMatchObject({ code: 'trust' });
  });
});
