import { timingSafeEqual } from 'node:crypto';
import type { TokenSecret } from '../ports/secret-store.ts';
import { concatBytes } from '../protocol/bytes.ts';
import {
  type FileId,
  idBytes,
  parseFileId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../protocol/ids.ts';
import { FILE_TICKET_BYTES_MAX, FILE_TICKET_LIFE_MS, HASH_BYTES } from '../protocol/limits.ts';
import { decodeStrict, encode } from '../protocol/message-pack.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';
import { keyedHash } from './server-hash.ts';

const TICKET_VERSION = 1;
const FIELDS = 8;
const NOTHING = new Uint8Array(0);

export type FileVerb = 'put' | 'get';
const verbs: readonly FileVerb[] = ['put', 'get'];

/** What a ticket allows: chunks of one file to be stored, or to be read. */
export interface FileTicket {
  readonly verb: FileVerb;
  readonly file: FileId;
  readonly user: UserId;
  readonly room: RoomId;
  /** Of all stored chunks. */
  readonly bytes: number;
  /** Milliseconds since 1970, exclusive. */
  readonly until: number;
}

/**
 * Tickets that let a client move chunks on any node without a session and without a read of the stores. Layout: MessagePack array
 * `[version, number of the secret, verb (0 put, 1 get), file, user, room, bytes, until]`, then 32 bytes of HMAC-SHA256 under a key
 * that is derived from that secret for tickets alone. Opaque to clients.
 */
export class FileTickets {
  readonly #secrets: ClusterSecrets;

  constructor(secrets: ClusterSecrets) {
    this.#secrets = secrets;
  }

  /** It ends FILE_TICKET_LIFE_MS from now, or with the file. */
  issue(
    subject: Omit<FileTicket, 'until'>,
    nowMs: number,
    endsAt: number,
  ): { readonly ticket: Uint8Array; readonly until: number } {
    const secret = this.#secrets.signing;
    const until = Math.min(nowMs + FILE_TICKET_LIFE_MS, endsAt);
    const { verb, file, user, room, bytes } = subject;
    const ids = [idBytes(file), idBytes(user), idBytes(room)];
    const content = encode([TICKET_VERSION, secret.number, verbs.indexOf(verb), ...ids, ...[bytes, until]]);
    return { ticket: concatBytes(content, macOf(secret, content)), until };
  }

  /**
   * Undefined for what this cluster did not issue, and for what is over. Compares in constant time. A ticket of a secret that this
   * node has yet to read is told apart, and makes it read.
   */
  verify(ticket: Uint8Array, nowMs: number): FileTicket | 'unknown_secret' | undefined {
    if (ticket.length <= HASH_BYTES || ticket.length > FILE_TICKET_BYTES_MAX) return undefined;
    const content = ticket.subarray(0, -HASH_BYTES);
    const decoded = decodeStrict(content, { depthMax: 1, itemsMax: FIELDS });
    if (!decoded.ok || !Array.isArray(decoded.value)) return undefined;
    const fields: readonly unknown[] = decoded.value;
    const secret = this.#secrets.known(fields[1], nowMs);
    if (secret === undefined || secret === 'unknown') {
      return secret === undefined ? undefined : 'unknown_secret';
    }
    if (!timingSafeEqual(macOf(secret, content), ticket.subarray(-HASH_BYTES))) return undefined;
    const parsed = parseContent(fields);
    return parsed === undefined || nowMs >= parsed.until ? undefined : parsed;
  }
}

function macOf({ secret }: TokenSecret, content: Uint8Array): Uint8Array {
  return keyedHash(keyedHash(secret, 'file-ticket-secret', NOTHING), 'file-ticket', content);
}

function parseContent(fields: readonly unknown[]): FileTicket | undefined {
  const [version, , verbNumber, fileBytes, userBytes, roomBytes, bytes, until] = fields;
  const verb = verbs[Number(verbNumber)];
  const [file, user, room] = [parseFileId(fileBytes), parseUserId(userBytes), parseRoomId(roomBytes)];
  if (version !== TICKET_VERSION || fields.length !== FIELDS || verb === undefined) return undefined;
  if (file === undefined || user === undefined || room === undefined) return undefined;
  if (typeof bytes !== 'number' || typeof until !== 'number') return undefined;
  return { verb, file, user, room, bytes, until };
}
