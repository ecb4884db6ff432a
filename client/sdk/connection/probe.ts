import { texts } from '../../texts/texts.ts';
import { ConclaveError } from '../errors.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

/** Greets the server and leaves. Rejects with `no_connection` and why, for people. */
export async function probe(options: Omit<ConnectionOptions, 'onEvent'>): Promise<void> {
  try {
    const connection = await Connection.open({ ...options, onEvent: () => undefined });
    await connection.close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw new ConclaveError('no_connection', reason === '' ? texts.local.no_server : reason, {
      cause: error,
    });
  }
}
