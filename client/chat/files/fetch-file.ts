import { ConclaveError } from '../../sdk/errors.ts';
import type { FileProgress } from '../../sdk/files/file-source.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import type { EntryFile, FileState } from '../model/entry-file.ts';
import { withFileState } from '../model/files.ts';
import type { Notices } from '../notices.ts';
import type { Store } from '../store.ts';
import type { FileTarget } from './face-files.ts';
import { stateOf, type Transfers, whenChanged } from './transfers.ts';

interface FetchParts {
  readonly store: Store;
  readonly transfers: Transfers;
  readonly notices: Pick<Notices, 'refuse'>;
}

/**
 * Fetches a file of a message in the background; its row shows how far it is. `kept` gets the place of the whole file, and says
 * what its row shows then. Throws ConclaveError when too much goes on already; the target is closed in every case.
 */
export async function fetchFile(
  { notices, store, transfers }: FetchParts,
  room: Room,
  { number, shared }: EntryFile,
  target: FileTarget,
  kept: (place: string) => Promise<FileState>,
): Promise<void> {
  const show = whenChanged((state) => store.change((model) => withFileState(model, room.id, number, state)));
  /** Whatever its row says then, no part of it is left. */
  const whole = async (signal: AbortSignal): Promise<string> => {
    try {
      const onProgress = (progress: FileProgress): void => show(stateOf(progress));
      await room.download(shared, target, { signal, isPatient: true, onProgress });
      return await target.keep();
    } finally {
      await target.close();
    }
  };
  const fetched = async (signal: AbortSignal): Promise<void> => {
    try {
      show({ kind: 'receiving', percent: 0 });
      show(await kept(await whole(signal)));
    } catch (error) {
      show(stateAfter(error));
      if (!signal.aborted) notices.refuse(error);
    }
  };
  try {
    transfers.begin(room.id, shared.name, fetched);
  } catch (error) {
    await target.close();
    throw error;
  }
}

function stateAfter(error: unknown): FileState | undefined {
  if (!(error instanceof ConclaveError)) return undefined;
  if (error.code === 'trust') return { kind: 'altered' };
  return error.code === 'no_such_file' ? { kind: 'gone' } : undefined;
}
