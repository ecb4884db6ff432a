import type { ChainFault } from './chain-ledger.ts';

/** What a person or a script is told about a message that can't be shown. */
export type FailureStatus = 'undecryptable' | 'forged' | 'altered' | 'replayed' | 'needs_password';

interface FailureEntry {
  readonly status: FailureStatus;
  readonly meaning: string;
}

/**
 * Every way in which opening a message fails, in the order of the checks; the first that fails is named.
 * `undecryptable`: this reader can't read it, and nobody need be at fault. `altered`: not what its sender sealed.
 * `forged`: not from whom it claims. `replayed`: its place or number was used before, or the order was tampered with.
 */
export const openingFailures = {
  header_malformed: { status: 'altered', meaning: 'the header is not one' },
  unsupported_layout: {
    status: 'undecryptable',
    meaning: 'the header has a layout that this client does not know; a later release may',
  },
  unsupported_suite: { status: 'undecryptable', meaning: 'the message is of another cryptographic suite' },
  wrong_room: { status: 'forged', meaning: 'the message was sealed for another room' },
  wrong_sender: { status: 'forged', meaning: 'the message names another sender than the server does' },
  no_member: { status: 'forged', meaning: 'its sender was no member of the room then' },
  unknown_identity: {
    status: 'forged',
    meaning: "the message names keys that are none of the sender's accepted ones",
  },
  replaced_identity: {
    status: 'forged',
    meaning: 'the message names keys that the sender had replaced before',
  },
  epoch_unknown: {
    status: 'undecryptable',
    meaning: 'the epoch that the message names is not known here',
  },
  epoch_differs: {
    status: 'undecryptable',
    meaning:
      'the message names another record of its epoch than the server shows: there are two of this number',
  },
  epoch_contradicted: {
    status: 'forged',
    meaning: 'the message contradicts the record of its epoch',
  },
  password_unknown: {
    status: 'needs_password',
    meaning: "the room's password of that time is not known here",
  },
  wrap_does_not_open: {
    status: 'undecryptable',
    meaning: 'no key of this user opens the copy of the content key',
  },
  epoch_key_deleted: {
    status: 'undecryptable',
    meaning: 'the key of its epoch was deleted here, or never opened',
  },
  commitment_differs: {
    status: 'altered',
    meaning: 'the content key is not the one that the header commits to',
  },
  content_does_not_open: { status: 'altered', meaning: 'header or ciphertext were changed' },
  plaintext_malformed: { status: 'altered', meaning: 'the decrypted bytes hold no signature' },
  signature_differs: { status: 'forged', meaning: 'the sender did not sign this' },
  message_id_reused: {
    status: 'replayed',
    meaning: 'the message was already seen elsewhere, or with another header',
  },
  position_reused: {
    status: 'replayed',
    meaning: 'another message of the sender was already seen at this position',
  },
  number_reused: { status: 'replayed', meaning: 'another message with this number was already seen' },
  out_of_order: {
    status: 'replayed',
    meaning: "the sender's order and the room's order contradict each other",
  },
  expired: { status: 'replayed', meaning: 'it comes before what was seen and has expired' },
  link_differs: {
    status: 'altered',
    meaning: 'the message does not follow the one that its sender sent before',
  },
  content_malformed: { status: 'undecryptable', meaning: 'the sender sealed something that is no content' },
} as const satisfies Record<string, FailureEntry> & Record<ChainFault, FailureEntry>;

export type OpeningFailure = keyof typeof openingFailures;
