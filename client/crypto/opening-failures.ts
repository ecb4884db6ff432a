import type { ChainFault } from './chain-ledger.ts';

/** What a script is told about a message that can't be shown. Why is said in client/texts, by the keys of openingFailures. */
export type FailureStatus = 'undecryptable' | 'forged' | 'altered' | 'replayed' | 'needs_password';

/**
 * Every way in which opening a message fails, in the order of the checks; the first that fails is named.
 * `undecryptable`: this reader can't read it, and nobody need be at fault. `altered`: not what its sender sealed.
 * `forged`: not from whom it claims. `replayed`: its place or number was used before, or the order was tampered with.
 */
export const openingFailures = {
  header_malformed: 'altered',
  unsupported_layout: 'undecryptable',
  unsupported_suite: 'undecryptable',
  wrong_room: 'forged',
  wrong_sender: 'forged',
  no_member: 'forged',
  unknown_identity: 'forged',
  replaced_identity: 'forged',
  epoch_unknown: 'undecryptable',
  epoch_differs: 'undecryptable',
  epoch_contradicted: 'forged',
  password_unknown: 'needs_password',
  wrap_does_not_open: 'undecryptable',
  epoch_key_deleted: 'undecryptable',
  commitment_differs: 'altered',
  content_does_not_open: 'altered',
  plaintext_malformed: 'altered',
  signature_differs: 'forged',
  message_id_reused: 'replayed',
  position_reused: 'replayed',
  number_reused: 'replayed',
  out_of_order: 'replayed',
  expired: 'replayed',
  link_differs: 'altered',
  content_malformed: 'undecryptable',
} as const satisfies Record<string, FailureStatus> & Record<ChainFault, FailureStatus>;

export type OpeningFailure = keyof typeof openingFailures;
