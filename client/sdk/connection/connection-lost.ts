import { CLOSE_NORMAL, type CloseName, closeNameOf, mayReconnect } from '../../../src/protocol/codes.ts';
import { type ConnectionFault, connectionFaultOf, connectionText } from '../../texts/connection-fault.ts';
import { texts } from '../../texts/texts.ts';
import { ConclaveError, printable } from '../errors.ts';

/** A connection ended, or never came to be. What was asked on it has an unknown outcome. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly closeCode: number;
  /** False when the server said that coming back is no use. */
  readonly mayReconnect: boolean;

  /** Undefined for codes of networks, and for a normal end. */
  readonly closeName: CloseName | undefined;

  /** What a client that gives up tells its caller. */
  readonly errorCode: 'auth_failed' | 'unsupported_version' | 'no_connection';

  /** Id of the connection, once the gateway has told it. */
  readonly connection: string | undefined;

  /** `raw` is what the network, a library or the gateway said. It is the cause, never part of the message. */
  constructor(
    closeCode: number,
    raw: string,
    {
      server,
      fault,
      connection,
    }: {
      readonly server: string;
      readonly fault?: ConnectionFault;
      readonly connection?: string | undefined;
    },
  ) {
    const name = closeNameOf(closeCode);
    const text =
      name === undefined
        ? connectionText(fault ?? connectionFaultOf(raw, server) ?? (raw === '' ? 'lost' : 'unknown'), server)
        : texts.closes[name];
    super(text, { cause: printable(raw) || `close code ${closeCode}` });
    this.connection = connection;
    this.closeCode = closeCode;
    this.closeName = name;
    // A server that closes with 1000 is being polite, not final: only our own close ends a client.
    this.mayReconnect = closeCode === CLOSE_NORMAL || mayReconnect(closeCode);
    this.errorCode =
      name === 'revoked' || name === 'account_closed'
        ? 'auth_failed'
        : name === 'unsupported_version'
          ? 'unsupported_version'
          : 'no_connection';
  }
}

/** Why a lost connection is the last one; undefined when it is not. */
export async function finalErrorOf(
  lost: ConnectionLost,
  login: { revoked(): Promise<ConclaveError | undefined> },
): Promise<ConclaveError | undefined> {
  if (lost.mayReconnect) return undefined;
  const failure = (cause: unknown): ConclaveError =>
    new ConclaveError(lost.errorCode, lost.message, { cause, connection: lost.connection });
  if (lost.closeName !== 'revoked') return failure(lost);
  try {
    return await login.revoked();
  } catch (error) {
    return error instanceof ConclaveError ? error : failure(error);
  }
}
