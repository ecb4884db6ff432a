import { fileId, roomId, userId } from './entities.ts';
import { FILE_BITMAP_BYTES_MAX, FILE_BYTES_MAX, FILE_TICKET_BYTES_MAX } from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { bytesUpTo, map, uint } from './shape.ts';

const ticket = bytesUpTo(FILE_TICKET_BYTES_MAX);

/** What moves no bytes of a file: those go over HTTP, with the tickets that these requests answer. */
export const fileRequests = {
  upload: {
    op: 40,
    states: open,
    feature: 'files',
    about:
      'Starts uploading a file to a room that stores messages. `bytes` is the total size of its encrypted chunks. The ticket allows storing chunks until `until`. The whole upload has to be finished within an hour.',
    body: map({ room: roomId, bytes: uint(FILE_BYTES_MAX) }),
    reply: map({ file: fileId, ticket, until: uint() }),
    errors: ['not_a_member', 'forbidden', 'too_large', 'too_many_uploads'],
  },
  'continue-upload': {
    op: 41,
    states: open,
    feature: 'files',
    about:
      "Returns a new ticket for the user's own unfinished upload. `held` has one bit for each chunk, set if the chunk is stored; chunk 0 is the lowest bit of the first byte.",
    body: map({ file: fileId }),
    reply: map({ ticket, until: uint(), held: bytesUpTo(FILE_BITMAP_BYTES_MAX) }),
    errors: ['no_such_file'],
  },
  finish: {
    op: 42,
    states: open,
    feature: 'files',
    about:
      "Completes the user's own upload. From then on members can download the file, and further chunks are refused. Finishing twice is not an error. The file is stored as long as a message that was sent at the moment of `finish`.",
    body: map({ file: fileId }),
    reply: map({}),
    errors: ['no_such_file', 'not_a_member', 'upload_incomplete'],
  },
  download: {
    op: 43,
    states: open,
    feature: 'files',
    about:
      'Returns a ticket to read the chunks of a finished file of the room. The ticket stays valid until `until`, even if the user leaves the room before then.',
    body: map({ room: roomId, file: fileId }),
    reply: map({ ticket, until: uint(), bytes: uint(FILE_BYTES_MAX) }),
    errors: ['not_a_member', 'no_such_file'],
  },
  discard: {
    op: 44,
    states: open,
    feature: 'files',
    about:
      'Removes a file that `uploader` uploaded to the room, finished or not. Allowed for the uploader, and for the owner and moderators of the room. `no_such_file` also means that the file is in another room, or that somebody else uploaded it.',
    body: map({ room: roomId, file: fileId, uploader: userId }),
    reply: map({}),
    errors: ['no_such_file', 'forbidden'],
  },
} as const satisfies Record<string, RequestEntry>;
