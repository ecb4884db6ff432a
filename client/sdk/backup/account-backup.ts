import type { RecoveryCode } from '../../../src/protocol/recovery-code.ts';

/** A backup that was just made, with the one sight of its code. */
export interface MadeBackup {
  readonly code: RecoveryCode;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  /** Of the user's own keys: what a restore shows to compare. */
  readonly fingerprint: string;
  /** People for whom it has no room: they are strangers again after a restore. */
  readonly peopleLeftOut: number;
}

/**
 * How the backup of an account stands.
 *
 * - `none`: there is none, and this device made none
 * - `kept`: this device keeps it up to date
 * - `elsewhere`: it has a code that this device does not know, and is kept up to date by another one
 * - `rolled_back`: the server went back to an earlier version; the next refresh puts this device's in its place
 * - `gone`: the server has none, though this device made one
 */
export interface BackupStatus {
  readonly state: 'none' | 'kept' | 'elsewhere' | 'rolled_back' | 'gone';
  /** What the server has. `storedAt` is its time, in milliseconds since 1970. */
  readonly stored?: { readonly version: number; readonly sequence: number; readonly storedAt: number };
  /** The highest version that this device has seen. */
  readonly known?: number;
  /** When this device made the code, in milliseconds since 1970. */
  readonly codeMadeAt?: number;
}

/** The backup of the client's account. Rejects with ConclaveError: `unsupported` when the gateway keeps none. */
export interface AccountBackup {
  status(): Promise<BackupStatus>;
  /** With a new code, in the place of the backup before: the code of that one opens nothing any more. */
  make(): Promise<MadeBackup>;
  /** For good, on the server. */
  remove(): Promise<void>;
}

/** A new device that answered, and waits. */
export interface AccountHandOver {
  /** A person has to type what the new device shows; false when its key was scanned. */
  readonly needsDigits: boolean;
  /**
   * Gives the whole account. One guess: after wrong digits the new device has to start again. Resolves once the account has arrived.
   * Rejects with `trust` for wrong digits, `timeout` when nobody confirms.
   */
  give(digits?: string): Promise<void>;
  /** Tells the new device that it gets nothing. */
  refuse(): Promise<void>;
}
