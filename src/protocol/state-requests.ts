import { USER_STATE_BYTES_MAX } from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { bytesUpTo, map, optional, uint, uintFrom } from './shape.ts';

const data = bytesUpTo(USER_STATE_BYTES_MAX);
const version = uintFrom(1, Number.MAX_SAFE_INTEGER);

/** What a user's devices share about reading, sealed: section 18. */
export const stateRequests = {
  state: {
    op: 58,
    states: open,
    feature: 'state',
    about:
      "Returns the user's own state, if there is any: section 18. `sequence` is that of the identity whose key sealed it. `data` is absent if the version is `known`.",
    body: map({ known: optional(version) }),
    reply: map({ state: optional(map({ version, sequence: uint(), data: optional(data) })) }),
    errors: [],
  },
  'put-state': {
    op: 59,
    states: open,
    feature: 'state',
    about:
      "Replaces the user's own state of version `before`, which is 0 if there was none, by one of a higher version, and sends the event `state` to the user's other sessions. `conflict` means that another version is current, or that `sequence` is not that of the identity in force.",
    body: map({ version, before: uint(), sequence: uint(), data }),
    reply: map({}),
    errors: ['conflict'],
  },
} as const satisfies Record<string, RequestEntry>;
