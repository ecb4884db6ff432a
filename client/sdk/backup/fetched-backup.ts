import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import { backupContext, joinedParts } from '../../../src/protocol/layouts/sealed-account.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import type { RecoveryCode } from '../../../src/protocol/recovery-code.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import { openSealedAccount, recoveryKeys } from '../../crypto/sealed-account.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import { Connection, type ConnectionOptions } from '../connection/connection.ts';
import { Login } from '../connection/login.ts';
import { hasCode, localError } from '../errors.ts';
import { loadOwnAccount } from '../people/own-account.ts';
import { OwnKeys } from '../people/own-keys.ts';
import { type AccountContent, parseContent, userIn, writeRecords } from '../storage/account-content.ts';
import { memoryStorage } from '../storage/storage.ts';
import { packedBackupRecord } from './backup-keeper.ts';

/** A backup may be replaced while its parts are fetched: then it is fetched anew, at most so often. */
const FETCHES_MAX = 3;

export type Dialling = Pick<ConnectionOptions, 'origin' | 'webSocket' | 'clock' | 'program'>;

/** A backup that was opened, and belongs to the account that was asked for. */
export interface FetchedBackup {
  readonly content: AccountContent;
  readonly user: UserId;
  readonly version: number;
  /** Milliseconds since 1970, as the device that made it told. */
  readonly madeAt: number;
  readonly fingerprint: Fingerprint;
}

/**
 * The backup that a recovery code opens. Rejects with `auth_failed` for a wrong code, an unknown name and an account without a backup,
 * which are indistinguishable, and with `trust` for something else than a backup of this account for this address.
 */
export async function fetchBackup(
  dialling: Dialling,
  name: UserName,
  code: RecoveryCode,
): Promise<FetchedBackup> {
  const { origin, clock } = dialling;
  const { key, token } = await recoveryKeys(code, origin, foldName(name));
  const { head, sealed } = await withConnection(dialling, (connection) =>
    fetchParts(connection, name, token),
  );
  const { user, version, sequence } = head;
  const packed = await openSealedAccount(key, backupContext({ origin, user, version, sequence }), sealed);
  if (packed === undefined) throw localError('trust', 'backup_does_not_open');
  const content = parseContent(packed);
  const { current } = await loadOwnAccount(content.account);
  const fits =
    foldName(content.account.name) === foldName(name) &&
    current.verified.document.sequence === sequence &&
    userIn(content) === user;
  if (!fits) throw localError('trust', 'backup_of_another');
  const madeAt = content.madeAt ?? 0;
  const value = packedBackupRecord({
    ...{ key, origin, version, lookedAt: clock.wallTime() },
    tokenHash: await sha256(token),
    codeMadeAt: madeAt,
  });
  return {
    content: { ...content, records: [...content.records, { table: 'session', key: 'backup', value }] },
    ...{ user, version, madeAt, fingerprint: current.ready.fingerprint },
  };
}

/**
 * Logs in with an account that arrived, and compares its identity with the one that the server shows. Gives the account as it is then:
 * a rotation may have waited. Rejects with `keys_replaced` when other keys are in force, and with `trust` when the two differ.
 */
export async function confirmedAccount(dialling: Dialling, content: AccountContent): Promise<AccountContent> {
  const storage = memoryStorage(content.account);
  await writeRecords(content.records, storage.state);
  const keys = await OwnKeys.open(storage);
  const login = new Login(keys, storage.state, dialling.clock);
  await withConnection(dialling, async (connection) => {
    await login.open(connection).catch((error: unknown) => {
      const isRefused = hasCode(error, 'auth_failed');
      throw isRefused ? localError('keys_replaced', 'backup_outdated', {}, error) : error;
    });
    const { signed, verified } = keys.current;
    const { chain } = await connection.request('identity', {
      user: keys.user,
      since: verified.document.sequence,
    });
    const [shown, ...later] = chain;
    if (shown === undefined || later.length > 0 || !sameBytes(shown.document, signed.document))
      throw localError('trust', 'backup_of_another');
  });
  return { ...content, account: await storage.keys.load() };
}

async function fetchParts(
  connection: Connection,
  name: UserName,
  token: Uint8Array,
): Promise<{ readonly head: ReplyBody<'fetch-backup'>; readonly sealed: Uint8Array }> {
  for (let fetches = 1; ; fetches += 1) {
    const head = await connection.request('fetch-backup', { name, token, part: 0 });
    const parts = [head.data];
    let isSame = true;
    while (isSame && parts.length < head.parts) {
      const next = await connection.request('fetch-backup', { name, token, part: parts.length });
      isSame = next.version === head.version;
      parts.push(next.data);
    }
    if (isSame) return { head, sealed: joinedParts(parts) };
    if (fetches === FETCHES_MAX) throw localError('trust', 'backup_does_not_open');
  }
}

export async function withConnection<T>(
  dialling: Dialling,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const abort = new AbortController().signal;
  const connection = await Connection.open({ ...dialling, abort, onEvent: () => undefined });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
