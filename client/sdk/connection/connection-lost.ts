import {
  CLOSE_NORMAL,
  type CloseName,
  closeCodes,
  closeNameOf,
  mayReconnect,
} from '../../../src/protocol/codes.ts';
import { printable } from '../errors.ts';

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

  constructor(closeCode: number, reason: string) {
    const name = closeNameOf(closeCode);
    const meaning = name === undefined ? '' : closeCodes[name].meaning;
    super(
      // A gateway gives the bare name of the code.
      (reason === name ? meaning : printable(reason)) ||
        meaning ||
        (closeCode === CLOSE_NORMAL ? 'closed' : `the connection was lost (${closeCode})`),
    );
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
