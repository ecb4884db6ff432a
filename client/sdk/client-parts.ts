import type { FileId, RoomId } from '../../src/protocol/ids.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import { BackupKeeper } from './backup/backup-keeper.ts';
import { BACKED_UP, observedState } from './backup/observed-state.ts';
import type { ClientOptions } from './client-options.ts';
import { systemClock } from './connection/clock.ts';
import { Link } from './connection/link.ts';
import { Login } from './connection/login.ts';
import { ContactBook } from './contacts/contacts.ts';
import { Broadcast } from './event-queue.ts';
import { ChunkHttp } from './files/chunk-http.ts';
import type { Notice } from './notice.ts';
import { AccountActs } from './people/account-acts.ts';
import { Directory, fetchChain } from './people/directory.ts';
import type { OwnKeys } from './people/own-keys.ts';
import { OwnPrekeys } from './people/own-prekeys.ts';
import { People } from './people/people.ts';
import { DirectRooms } from './rooms/direct-rooms.ts';
import { DisappearingMessages } from './rooms/disappearing-messages.ts';
import { EpochCare } from './rooms/epoch-care.ts';
import { Membership } from './rooms/membership.ts';
import { MessageSearch } from './rooms/message-search.ts';
import { OpenRooms } from './rooms/open-rooms.ts';
import { OpenedMessages } from './rooms/opened-messages.ts';
import { RoomBook } from './rooms/room-book.ts';
import { RoomInspection } from './rooms/room-inspection.ts';
import { SenderChains } from './rooms/sender-chains.ts';
import { StateKeeper } from './state/state-keeper.ts';

const REQUEST_MS_DEFAULT = 30_000;
const NOTICES_QUEUED_MAX = 256;

export type ClientParts = ReturnType<typeof clientParts>;

/** What a client consists of, in one straight line: each part is given those before it. */
export function clientParts(origin: Origin, options: ClientOptions, account: OwnKeys) {
  const { storage, clock = systemClock, webSocket, program = 'conclave-sdk' } = options;
  const timeoutMs = 'timeoutMs' in options ? options.timeoutMs : REQUEST_MS_DEFAULT;
  const notices = new Broadcast<Notice>({ entriesMax: NOTICES_QUEUED_MAX });
  const { cache, chains, sharing } = storage;
  const state = observedState(storage.state, (table) => {
    if (BACKED_UP.has(table)) backup.changed();
    if (table === 'reads') userState.read();
  });
  const login = new Login(account, state, clock);
  const link = new Link({ origin, clock, login, webSocket, program });
  const backup = new BackupKeeper({ origin, account, clock, notices, timeoutMs, link, storage });
  const opened = new OpenedMessages(cache, clock);
  const senders = new SenderChains({ account, chains, clock, sharing, state });
  const acts = new AccountActs({ clock, keys: account, link, login, opened, senders, state, timeoutMs });
  const people = new People({
    ...{ account, clock, notices, state },
    fetchChain: async (user, since) => (await fetchChain(link, { user }, since, undefined)).chain,
  });
  const prekeys = new OwnPrekeys({ clock, keys: account, link, state });
  const directory = new Directory({ account, link, people, timeoutMs });
  const disappearing = new DisappearingMessages({ clock, opened, state });
  const book = new RoomBook({ clock, opened: disappearing, people, state });
  const userState = new StateKeeper({
    ...{ origin, account, book, clock, link, notices, state: storage.state },
  });
  const directs = new DirectRooms({ account, link, people, pins: book.pins, timeoutMs });
  const common = { account, book, clock, directs, disappearing, link, notices, opened, people, timeoutMs };
  const search = new MessageSearch(common);
  const membership = new Membership({ ...common, listed: (own) => rooms.listed(own) });
  const inspection = new RoomInspection({ ...common, membership });
  const uploads = {
    account,
    underWay: new Set<FileId>(),
    link,
    clock,
    state,
    timeoutMs,
    http: new ChunkHttp(origin, clock, options.fetch),
  };
  const rooms = new OpenRooms({ ...common, chains, senders, uploads, prekeys });
  const left = (room: RoomId): void => rooms.ended(room, 'left');
  const contacts = new ContactBook({ ...common, directory, left, membership });
  const care = new EpochCare({ ...common, membership, prekeys, rooms });
  return {
    ...{ account, acts, backup, care, clock, contacts, directory, disappearing },
    ...{ inspection, link, login, membership },
    ...{ notices, opened, prekeys, rooms, search, senders, storage, timeoutMs, userState },
  };
}
