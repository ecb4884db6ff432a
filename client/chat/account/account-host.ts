import type { UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { ConclaveClient, Me } from '../../sdk/api.ts';
import type { ConclaveErrorCode } from '../../sdk/errors.ts';
import type { StateStore } from '../../sdk/storage/state-store.ts';

/** An opened account; `close` ends presence and gives the profile back. */
export interface ChatAccount {
  readonly client: ConclaveClient;
  readonly state: StateStore;
  close(): Promise<void>;
}

/** What is asked for when an option, the environment or the profile has not said it. */
export interface ChatWishes {
  /** Undefined: ask, with `suggestedServer` as the answer that is there already. */
  readonly server: Origin | undefined;
  readonly suggestedServer: Origin;
  /** Nobody is asked for another server: the face is bound to this one. */
  readonly serverIsFixed?: boolean;
  /** The account to open, or the name to register; undefined: ask for a name. */
  readonly user: UserName | undefined;
  /** `known`: nobody is asked, `undefined` keeps the keys unprotected. */
  readonly passphrase:
    | { readonly known: true; readonly value: string | undefined }
    | { readonly known: false };
  /** The room to open first, as the user named it. */
  readonly room: string | undefined;
  /** The room to open first, as a link named it, which anybody may have written. */
  readonly linkedRoom?: string | undefined;
}

/** Where accounts are, and what somebody wished at the start. Everything rejects with ConclaveError. */
export interface AccountHost {
  readonly wishes: ChatWishes;
  /** What a new person can do so that the keys made here are never lost. */
  readonly keepingAdvice: string;
  /** Whether a Conclave server answers there; rejects with `no_connection`. Nothing is told to it but a greeting. */
  probe(server: Origin, abort: AbortSignal): Promise<void>;
  hasAccount(server: Origin, user: UserName): Promise<boolean>;
  needsPassphrase(server: Origin, user: UserName): Promise<boolean>;
  /** Rejects with `wrong_passphrase` when this one does not open the keys. */
  checkPassphrase(server: Origin, user: UserName, typed: string): Promise<void>;
  open(server: Origin, user: UserName, passphrase: string | undefined): Promise<ChatAccount>;
  /** Makes keys and writes them, or opens those of an earlier try that became no account. */
  create(server: Origin, user: UserName, passphrase: string | undefined): Promise<ChatAccount>;
  /**
   * Registers what `create` made. When the server refuses it for good, the keys are taken away again; with `invite_needed`
   * they stay. An account that was refused is over, and has to be opened anew.
   */
  register(account: ChatAccount, invite: string | undefined): Promise<Me>;
  /** Somebody has seen what `wishes.linkedRoom` led to, and need not be asked about it again. */
  linkFollowed?(): void;
}

/** After these the server has no such account of ours, so the keys made for it are of no use. */
const finalRefusals: readonly ConclaveErrorCode[] = [
  'name_taken',
  'invalid_name',
  'invalid_identity',
  'forbidden',
  'invite_needed',
  'wrong_origin',
  'unsupported_version',
];

/** Whether a registration that was refused with this code is refused for good. */
export function isFinalRefusal(code: ConclaveErrorCode): boolean {
  return finalRefusals.includes(code);
}
