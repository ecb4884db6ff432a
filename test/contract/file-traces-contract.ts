import { describe, expect, it } from 'vitest';
import type { FileStore, NewUpload } from '../../src/ports/file-store.ts';
import { ID_BYTES, idBytes, parseFileId } from '../../src/protocol/ids.ts';
import { anyRoomId, anyUserId, bytes, dayMs, given } from './support-store.ts';

const BYTES = 1_000;
/** So much later nothing is looked at once more. */
const LATER_MS = 10 * 60_000;

/** One deployment's files, and, once nobody uses it any more, every byte that it keeps under any name. */
export interface KeptFiles {
  readonly files: FileStore;
  everything(): Promise<Buffer>;
}

interface Stored {
  readonly upload: NewUpload;
  readonly chunk: Uint8Array;
}

/** A finished file of this room and user, and an upload that is not. */
async function twoFiles(files: FileStore, fields: Partial<NewUpload>): Promise<readonly Stored[]> {
  const at = Date.now();
  const stored: Stored[] = [];
  for (const isWhole of [true, false]) {
    const file = given(parseFileId(bytes(ID_BYTES)));
    const ids = { file, room: anyRoomId(), uploader: anyUserId() };
    const upload = { ...ids, bytes: BYTES, at, expiresAt: at + dayMs, ...fields };
    const chunk = bytes(BYTES);
    await files.begin(upload, 10);
    await files.put(file, 0, chunk);
    if (isWhole) await files.finish(file, at, upload.expiresAt);
    stored.push({ upload, chunk });
  }
  return stored;
}

/** Ids in bytes and in digits, as they may stand in names and keys, and what was in the chunks. */
function tracesOf({ upload, chunk }: Stored): readonly Buffer[] {
  const ids = [upload.file, upload.room, upload.uploader];
  return [
    ...ids.map((id) => Buffer.from(idBytes(id))),
    ...ids.map((id) => Buffer.from(id)),
    Buffer.from(chunk),
  ];
}

const waysToGo: Readonly<Record<string, (files: FileStore, stored: Stored) => Promise<void>>> = {
  'closed account': (files, { upload }) => files.discardOf(upload.uploader),
  'deleted room': (files, { upload }) => files.purge(upload.room),
  'discarded file': (files, { upload }) => files.discard(upload.file),
  'retention that ended': async () => undefined,
};

/** What is gone leaves nothing, wherever the files are. */
export function fileTracesContract(
  name: string,
  run: (use: (kept: KeptFiles) => Promise<void>) => Promise<void>,
): void {
  describe(`in ${name}`, () => {
    it.each(Object.keys(waysToGo))(
      'a %s leaves nothing of its files in anything that is stored',
      async (way) => {
        await run(async ({ files, everything }) => {
          const now = Date.now();
          const isOver = way === 'retention that ended';
          const gone = await twoFiles(files, isOver ? { expiresAt: now - 1 } : {});
          const kept = await twoFiles(files, {});
          for (const stored of gone) await waysToGo[way]?.(files, stored);
          for (const nowMs of [now, now + LATER_MS]) while (await files.reclaim(nowMs));
          const all = await everything();
          for (const stored of gone)
            for (const trace of tracesOf(stored)) expect(all.includes(trace)).toBe(false);
          // What is looked for would be found.
          for (const { upload, chunk } of kept)
            for (const present of [idBytes(upload.file), idBytes(upload.room), chunk])
              expect(all.includes(Buffer.from(present))).toBe(true);
        });
      },
    );
  });
}
