import { ORPHANS_REMOVED_MAX } from '../src/adapters/mongo/object-file-chunks.ts';
import { S3_REMOVALS_MAX, S3_REQUEST_MS_MAX, S3_TRIES } from '../src/adapters/s3/s3-object-store.ts';
import { FILE_TRANSFERS_USER_MAX } from '../src/gateway/file-transfers.ts';
import { OBJECTS_LISTED_MAX } from '../src/ports/object-store.ts';
import { FILE_TICKET_LIFE_MS } from '../src/protocol/limits.ts';
import { CHUNK_MS_MAX } from '../src/transport/file-routes.ts';
import { type Limit, limit } from './limit-row.ts';

/** Limits of files without a setting: name, value, and the rest of the row. */
export const fileLimits: readonly (readonly [name: string, value: number | string, limit: Limit])[] = [
  [
    'chunks of files that a user moves through a node at a time',
    FILE_TRANSFERS_USER_MAX,
    limit(
      'HTTP status 429',
      'MAX_FILE_TRANSFERS for other users',
      'file_transfers_total{outcome="rate_limited"}',
    ),
  ],
  [
    'seconds for a chunk of a file',
    CHUNK_MS_MAX / 1_000,
    limit(
      'the connection is dropped',
      'MAX_FILE_TRANSFERS against slow clients',
      'file_transfers_total{outcome="aborted"}',
    ),
  ],
  [
    'seconds for one request to the bucket, and tries of it',
    [S3_REQUEST_MS_MAX / 1_000, S3_TRIES].join(', '),
    limit(
      'HTTP status 503',
      'MAX_FILE_TRANSFERS against a silent bucket',
      'backend_errors_total{backend="bucket",reason="timeout"}',
    ),
  ],
  [
    'objects that are removed from the bucket at a time',
    S3_REMOVALS_MAX,
    limit('the others wait', 'the bucket'),
  ],
  [
    'folders of the bucket searched for files that nobody owns, and files removed of them, in five minutes',
    [OBJECTS_LISTED_MAX, ORPHANS_REMOVED_MAX].join(', '),
    limit('the others wait', 'the bucket'),
  ],
  [
    'seconds for which a ticket for a file is valid',
    FILE_TICKET_LIFE_MS / 1_000,
    limit('HTTP status 401', 'rooms against former members', 'file_transfers_total{outcome="unauthorized"}'),
  ],
];
