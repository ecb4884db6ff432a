import type { SharedFile } from '../../../src/protocol/layouts/content.ts';

/** A file on its way into a room. */
export interface FileSource extends Pick<SharedFile, 'name' | 'type' | 'width' | 'height' | 'thumbnail'> {
  /** Bytes. */
  readonly size: number;
  /** Exactly these bytes, or fewer where it has become shorter. Called for one part after the other, twice over. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Where a file goes. Nothing of it is right before `download` resolved. */
export interface FileSink {
  /** In order. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface FileProgress {
  /** `hashing`: the source is read for the first time. */
  readonly step: 'hashing' | 'uploading' | 'downloading';
  /** Bytes of the file, without padding. */
  readonly done: number;
  readonly total: number;
}

/** Whole percent; an empty file is done. */
export function percentOf({ done, total }: FileProgress): number {
  return total === 0 ? 100 : Math.floor((100 * done) / total);
}

export interface TransferOptions {
  readonly onProgress?: ((progress: FileProgress) => void) | undefined;
  /** Ends it: rejects with the reason. An upload goes on where it was when the same file is uploaded again within an hour. */
  readonly signal?: AbortSignal | undefined;
  /** Lives through outages of any length, until the signal ends it. */
  readonly isPatient?: boolean | undefined;
}

/** The result of what nobody can stop, or at once the signal's reason. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Work that ends with the signal, or on its own account before. */
export async function stoppable<T>(
  signal: AbortSignal,
  work: (stop: AbortController) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const follow = (): void => stop.abort(signal.reason);
  if (signal.aborted) follow();
  signal.addEventListener('abort', follow, { once: true });
  try {
    return await work(stop);
  } finally {
    signal.removeEventListener('abort', follow);
  }
}
