import type { ServerEvent } from '../../../src/protocol/client-codec.ts';
import type { ConclaveError } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { OpenedSession } from './login.ts';

/** What a link tells the client that it belongs to. */
export type LinkEvent =
  /** A session is open. Nobody uses the connection before the listener has put it in order and resolved. */
  | { readonly type: 'opened'; readonly by: OpenedSession['by']; readonly connection: Connection }
  | { readonly type: 'told'; readonly event: ServerEvent }
  /** Somebody has waited for long, for this reason; without one, nobody does any more. */
  | { readonly type: 'held-up'; readonly error: ConclaveError | undefined }
  /** It is closed for good, not by `close`. */
  | { readonly type: 'failed'; readonly error: ConclaveError };
