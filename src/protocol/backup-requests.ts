import { userId, userName } from './entities.ts';
import { ID_BYTES } from './ids.ts';
import {
  HASH_BYTES,
  LINK_ENTRIES_LAST,
  LINK_GREETING_BYTES_MAX,
  LINK_LIFE_MS,
  SEALED_PART_BYTES_MAX,
  SEALED_PARTS_MAX,
} from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { bytes, bytesUpTo, map, optional, uint, uintFrom } from './shape.ts';

const part = bytesUpTo(SEALED_PART_BYTES_MAX);
/** Each part says how many there are. */
const entry = bytesUpTo(1 + SEALED_PART_BYTES_MAX);
const partNumber = uint(SEALED_PARTS_MAX - 1);
/** H(fetch token). */
const tokenHash = bytes(HASH_BYTES);

/** How an account is kept by the server, sealed, and how one device hands it to another. */
export const backupRequests = {
  'put-backup': {
    op: 45,
    states: open,
    feature: 'backup',
    about:
      "Stores one part of a new backup of the user's own account. `upload` is a random id of the new backup, the same for all its parts. The last request carries `commit`. If all parts are stored by then, the new backup replaces the one of version `before`, which is 0 if there was none. `token` is H(fetch token). `conflict` means that another version is current, or that parts are missing. Parts that are not committed within an hour are removed.",
    body: map({
      upload: bytes(ID_BYTES),
      part: partNumber,
      data: part,
      commit: optional(
        map({
          version: uint(),
          before: uint(),
          sequence: uint(),
          token: tokenHash,
          parts: uintFrom(1, SEALED_PARTS_MAX),
        }),
      ),
    }),
    reply: map({}),
    errors: ['conflict'],
  },
  backup: {
    op: 46,
    states: open,
    feature: 'backup',
    about: "Describes the backup of the user's own account, if there is one. `at` is when it was stored.",
    body: map({}),
    reply: map({
      backup: optional(map({ version: uint(), sequence: uint(), token: tokenHash, at: uint() })),
    }),
    errors: [],
  },
  'delete-backup': {
    op: 47,
    states: open,
    feature: 'backup',
    about: "Deletes the backup of the user's own account. Does nothing if there is none.",
    body: map({}),
    reply: map({}),
    errors: [],
  },
  'fetch-backup': {
    op: 48,
    states: ['greeted'],
    feature: 'backup',
    about:
      "Returns one part of an account's backup. Requires the backup's fetch token instead of a login. A wrong token, an unknown name and an account without a backup all get the same answer, `auth_failed`.",
    body: map({ name: userName, token: bytes(HASH_BYTES), part: partNumber }),
    reply: map({
      user: userId,
      version: uint(),
      sequence: uint(),
      parts: uintFrom(1, SEALED_PARTS_MAX),
      at: uint(),
      data: part,
    }),
    errors: ['auth_failed', 'bad_request'],
  },
  link: {
    op: 49,
    states: ['greeted', 'open'],
    feature: 'link',
    about: `Writes an entry to the channel between two devices, reads one, or does both. An entry can be written once and read any number of times. Entry 0 opens the channel for ${LINK_LIFE_MS / 60_000} minutes. A session that is not logged in may write entries 0, 2 and ${LINK_ENTRIES_LAST}, each up to ${LINK_GREETING_BYTES_MAX} bytes; a session that is logged in may write the others. \`data\` is absent until the entry \`want\` has been written. \`conflict\` means that a different entry with this number exists. \`auth_failed\` means that the channel does not exist.`,
    body: map({
      channel: bytes(ID_BYTES),
      put: optional(map({ number: uint(LINK_ENTRIES_LAST), data: entry })),
      want: optional(uint(LINK_ENTRIES_LAST)),
    }),
    reply: map({ data: optional(entry) }),
    errors: ['auth_failed', 'conflict', 'forbidden'],
  },
} as const satisfies Record<string, RequestEntry>;
