import { StartRefused, type StoreBackend } from '../../ports/backend.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { MongoBackupStore } from './backup-store.ts';
import { MongoContactStore } from './contact-store.ts';
import { MongoEpochStore } from './epoch-store.ts';
import { MongoFileChunks } from './file-chunks.ts';
import { MongoFileStore } from './file-store.ts';
import { MongoIdentityStore } from './identity-store.ts';
import { MongoInviteStore } from './invite-store.ts';
import { MongoLinkStore } from './link-store.ts';
import { MongoMessageStore } from './message-store.ts';
import { MongoLink, type MongoLinkOptions } from './mongo-link.ts';
import { MongoPrekeyStore } from './prekey-store.ts';
import { MongoReadyMarks } from './ready-marks.ts';
import { MongoRoomStore } from './room-store.ts';
import { RosterLog } from './roster-log.ts';
import { MongoSchema } from './schema.ts';
import { MongoSecretStore } from './secret-store.ts';
import { prepareDatabase, untilReady } from './start-mongo.ts';
import { MongoUserStateStore } from './user-state-store.ts';

export interface MongoOptions extends MongoLinkOptions {
  /** Default: CHANGES_KEPT_MAX. */
  readonly changesKeptMax?: number;
}

/**
 * The stores on MongoDB, in the database that the URL's path names (default: `conclave`). Nothing is connected before
 * start(). Throws StartRefused when the driver does not understand the URL.
 */
export function openMongo(options: MongoOptions): StoreBackend {
  const link = linkTo(options);
  const closing = new AbortController();
  const rosterLog = new RosterLog(link, options.changesKeptMax);
  const schema = new MongoSchema(link);

  return {
    identities: new MongoIdentityStore(link),
    secrets: new MongoSecretStore(link),
    invites: new MongoInviteStore(link),
    rooms: new MongoRoomStore(link, rosterLog),
    messages: new MongoMessageStore(link, rosterLog, schema),
    epochs: new MongoEpochStore(link),
    prekeys: new MongoPrekeyStore(link),
    files: new MongoFileStore(link, new MongoFileChunks(link)),
    backups: new MongoBackupStore(link),
    links: new MongoLinkStore(link),
    contacts: new MongoContactStore(link),
    userStates: new MongoUserStateStore(link),
    schema,
    readyMarks: new MongoReadyMarks(link),
    async start() {
      const { signal } = closing;
      const attempt = async (): Promise<void> => {
        await prepareDatabase(options.url, signal);
        await schema.refresh();
        await link.probe();
      };
      try {
        await untilReady(attempt, options.telemetry, signal);
      } catch (error) {
        throw signal.aborted ? new Unavailable('store', error) : error;
      }
      link.startProbing();
    },
    isUp: () => link.isUp,
    isFull: () => false,
    async close() {
      closing.abort(new Error('the store is closed'));
      await link.close();
    },
  };
}

function linkTo(options: MongoLinkOptions): MongoLink {
  try {
    return new MongoLink(options);
  } catch (error) {
    const detail = error instanceof Error ? error.message : '';
    throw new StartRefused('configuration', `CONCLAVE_MONGODB_URL is not understood: ${detail}`, error);
  }
}
