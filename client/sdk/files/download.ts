import { sameBytes } from '../../../src/protocol/bytes.ts';
import { chunkCountOf, storedChunkBytes } from '../../../src/protocol/file-transfers.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { storedFileBytes } from '../../../src/protocol/layouts/file-inputs.ts';
import { FileCipher, RunningHash } from '../../crypto/file-chunks.ts';
import { localError } from '../errors.ts';
import { ChunkMover, inOrder } from './chunk-mover.ts';
import { type FileSink, stoppable, type TransferOptions, unlessAborted } from './file-source.ts';
import type { UploadParts } from './upload.ts';

/**
 * Fetches a file and opens it chunk by chunk into the sink. Resolves only when every chunk was the one of its place, the padding is
 * nothing but padding, and the whole has the hash that its sender signed. Rejects with ConclaveError (`trust` when the server's file is
 * another one), or the signal's reason; what the sink has by then is not the file.
 */
export async function downloadFile(
  parts: Pick<UploadParts, 'link' | 'clock' | 'http' | 'timeoutMs'>,
  room: RoomId,
  shared: SharedFile,
  sink: FileSink,
  options: TransferOptions,
): Promise<void> {
  const { signal = new AbortController().signal } = options;
  await stoppable(signal, (stop) => fetchAll(parts, room, shared, sink, options, stop));
}

async function fetchAll(
  parts: Pick<UploadParts, 'link' | 'clock' | 'http' | 'timeoutMs'>,
  room: RoomId,
  shared: SharedFile,
  sink: FileSink,
  options: TransferOptions,
  stop: AbortController,
): Promise<void> {
  const { link, http } = parts;
  const { signal } = stop;
  const { file, size, name } = shared;
  const timeoutMs = options.isPatient === true ? undefined : parts.timeoutMs;
  const ask = () => unlessAborted(signal, link.request('download', { room, file }, { timeoutMs }));
  const { ticket, bytes } = await ask();
  if (bytes !== storedFileBytes(size)) throw localError('trust', 'file_altered', { name });
  const cipher = await FileCipher.of(shared);
  const mover = new ChunkMover(ticket, {
    ...parts,
    ...{ signal, isPatient: options.isPatient },
    renew: async () => (await ask()).ticket,
  });
  const count = chunkCountOf(bytes);
  const fetched = async (number: number): Promise<Uint8Array> => {
    const length = storedChunkBytes(bytes, number) ?? 0;
    const sealed = await mover.move((now) => http.get({ file, number, ticket: now }, length, signal));
    if (typeof sealed === 'string') throw localError('no_such_file', 'file_gone', { name });
    const opened = await cipher.open({ number, isLast: number === count - 1 }, sealed);
    if (opened === undefined) throw localError('trust', 'file_altered', { name });
    return opened;
  };
  const whole = new RunningHash();
  let done = 0;
  await inOrder(
    Array.from({ length: count }, (_, number) => number),
    stop,
    fetched,
    async (opened) => {
      const part = opened.subarray(0, Math.min(opened.length, size - done));
      if (opened.subarray(part.length).some((byte) => byte !== 0))
        throw localError('trust', 'file_altered', { name });
      whole.update(part);
      if (part.length > 0) await sink.write(part);
      done += part.length;
      options.onProgress?.({ step: 'downloading', done, total: size });
    },
  );
  if (!sameBytes(whole.digest(), shared.hash)) throw localError('trust', 'file_altered', { name });
}
