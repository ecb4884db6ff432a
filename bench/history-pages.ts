/**
 * npx tsx bench/history-pages.ts --help
 * What MongoDB writes for a message and reads for a page of history, by the number of members and the schema.
 */
import { randomBytes } from 'node:crypto';
import { BSON, MongoClient } from 'mongodb';
import { openMongo } from '../src/adapters/mongo/open-mongo.ts';
import { SCHEMA_NUMBER } from '../src/adapters/mongo/schema.ts';
import { randomId } from '../src/lib/random-id.ts';
import type { StoreBackend } from '../src/ports/backend.ts';
import type { NewMessage } from '../src/ports/message-store.ts';
import {
  idBytes,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../src/protocol/ids.ts';
import { WRAP_BYTES } from '../src/protocol/limits.ts';
import { mongoName, startMongoServer } from '../test/support/services/mongo-server.ts';
import { silentTelemetry } from './silent-telemetry.ts';
import { quantile } from './support/median.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions(
  'Stores messages one after the other and reads them as one page, through the adapter of MongoDB, in turns with each schema.',
  {
    members: ['50,200,1000', 'of the room'],
    suite: ['1', 'of the room; in suite 2 there are no wraps'],
    schemas: [`2,${SCHEMA_NUMBER}`, 'of the database'],
    messages: ['100', 'of a page'],
    rounds: ['3', 'of all of them'],
  },
);
const numbers = (list: string): readonly number[] => list.split(',').map(Number);
const messagesPerPage = Number(values.messages);
const hasEpochs = values.suite === '2';
/** Those of layout 3 take so many. */
const HEADER_BYTES = hasEpochs ? 337 : 200;
/** A stand-in stops now and then. */
const TIMEOUT_MS = 30_000;
const PAGES = 10;
const NO_BYTES = new Uint8Array(0);

interface Measured {
  readonly appendMs: number[];
  readonly pageMs: number[];
  documents: number;
  writtenBytes: number;
  readBytes: number;
}

async function ms(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Of 528 bytes of ciphertext. */
function messageTo(to: readonly UserId[], room: RoomId, seq: number): NewMessage {
  const expiresAt = Date.now() + 86_400_000;
  return {
    ...{ room, seq, at: Date.now(), expiresAt },
    ...{ sender: randomId(parseUserId), messageId: randomId(parseMessageId) },
    ...{ header: randomBytes(HEADER_BYTES), headerHash: randomBytes(32), ciphertext: randomBytes(528) },
    ...(hasEpochs ? { recipients: NO_BYTES, wraps: NO_BYTES, epochVersion: 1 } : wrapsFor(to)),
  };
}

function wrapsFor(to: readonly UserId[]): Pick<NewMessage, 'recipients' | 'wraps'> {
  return {
    recipients: Buffer.concat(to.map(idBytes)),
    wraps: randomBytes(to.length * WRAP_BYTES),
  };
}

/** One room, filled and read. */
async function measure(
  { messages }: StoreBackend,
  client: MongoClient,
  count: number,
  into: Measured,
): Promise<void> {
  const room = randomId(parseRoomId);
  const to = Array.from({ length: count }, () => randomId(parseUserId)).sort();
  const reader = to[0] ?? randomId(parseUserId);
  for (let seq = 1; seq <= messagesPerPage; seq += 1) {
    const message = messageTo(to, room, seq);
    into.appendMs.push(await ms(() => messages.append([message])));
  }
  const bounds = { after: 0, through: messagesPerPage, order: 'ascending', limit: messagesPerPage } as const;
  for (let page = 0; page < PAGES; page += 1)
    into.pageMs.push(
      await ms(async () => {
        const rows = await messages.page(room, reader, bounds);
        if (rows.filter(({ kind }) => kind === 'own').length !== messagesPerPage)
          throw new Error('a page lacks messages');
      }),
    );
  Object.assign(into, await documentsOf(client, idBytes(room), reader));
}

/** Sizes of what the room has stored, and of those documents among it that a page selects. */
async function documentsOf(client: MongoClient, room: Uint8Array, reader: UserId) {
  interface Stored {
    readonly room: Uint8Array;
    readonly copies?: object;
  }
  const all = await client.db().collection<Stored>('messages').find().toArray();
  const isOf = ({ room: key }: Stored) => Buffer.from(room).equals(key.subarray(0, room.length));
  const stored = all.filter((each) => isOf(each) && each.room.length === room.length);
  const chunks = all.filter((each) => isOf(each) && each.room.length > room.length);
  const sum = (documents: readonly object[]) =>
    documents.reduce((total: number, each) => total + BSON.calculateObjectSize(each), 0);
  return {
    documents: (stored.length + chunks.length) / messagesPerPage,
    writtenBytes: (sum(stored) + sum(chunks)) / messagesPerPage,
    readBytes: sum(stored) + sum(chunks.filter(({ copies = {} }) => reader in copies)),
  };
}

async function main(): Promise<void> {
  await using server = await startMongoServer();
  const measured = new Map<string, Measured>();
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const members of numbers(values.members))
      for (const schema of numbers(values.schemas)) {
        const url = `${server.url}/pages-${round}-${members}-${schema}`;
        const store = openMongo({ url, timeoutMs: TIMEOUT_MS, telemetry: silentTelemetry() });
        await using client = new MongoClient(url, { promoteBuffers: true });
        const schemas = client.db().collection<{ _id: string; number: number }>('meta');
        await schemas.insertOne({ _id: 'schema', number: schema });
        await store.start();
        const key = `${members} | ${schema}`;
        const into = measured.get(key) ?? {
          appendMs: [],
          pageMs: [],
          documents: 0,
          writtenBytes: 0,
          readBytes: 0,
        };
        measured.set(key, into);
        await measure(store, client, members, into);
        await store.close();
        await client.db().dropDatabase();
      }
  console.log(`${mongoName()}, ${messagesPerPage} messages a page`);
  printHead(
    ...['members', 'schema', 'append ms, p50 p90', 'documents', 'KB written'],
    ...['KB read for a page', 'page ms, p50 p90'],
  );
  const halfAndMost = (times: readonly number[]): string =>
    [0.5, 0.9].map((share) => quantile(times, share).toFixed(1)).join(' ');
  for (const [key, { appendMs, pageMs, documents, writtenBytes, readBytes }] of measured)
    printRow(
      ...[key, halfAndMost(appendMs), documents.toFixed(0), (writtenBytes / 1_000).toFixed(1)],
      ...[(readBytes / 1_000).toFixed(0), halfAndMost(pageMs)],
    );
}

await main();
