import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { MemberEntry, RoomInfo } from '../../../src/protocol/entities.ts';
import { type Refusal, refuse } from '../../../src/protocol/error-reply.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import { parseRoomId, type RoomId, type UserId } from '../../../src/protocol/ids.ts';
import { layoutOf, parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import { WRAP_BYTES } from '../../../src/protocol/limits.ts';
import type { StoredMessage } from '../../../src/protocol/message-requests.ts';
import { parseRoomName, type RoomName } from '../../../src/protocol/names.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import { FakeEpochs } from './fake-epochs.ts';

export interface FakeMessage extends Omit<StoredMessage, 'wrap'> {
  readonly wraps: ReadonlyMap<UserId, Uint8Array>;
  readonly id: string;
  readonly headerHash: Uint8Array;
}

/** A room as a server keeps it, as far as clients can tell. */
export class FakeRoom {
  readonly id: RoomId = parseRoomId(new Uint8Array(randomBytes(16))) ?? expect.unreachable();
  name: RoomName;
  password: { readonly number: number; readonly salt: Uint8Array; readonly proof: Uint8Array | undefined };
  readonly stretches: MemberEntry[] = [];
  readonly messages: FakeMessage[] = [];
  version = 0;
  retention = 30;
  /** The layout of headers. */
  header = 1;
  suite = 1;
  /** How long messages stay by default, whatever signed it. */
  life: Uint8Array | undefined;
  readonly epochs = new FakeEpochs();
  floor = 0;
  head = 0;

  constructor(name: string, password?: { readonly salt: Uint8Array; readonly proof: Uint8Array }) {
    this.name = parseRoomName(name) ?? expect.unreachable();
    this.password = {
      number: password === undefined ? 0 : 1,
      salt: password?.salt ?? new Uint8Array(32),
      proof: password?.proof,
    };
  }

  members(version = this.version): readonly MemberEntry[] {
    return this.stretches
      .filter(({ since, left }) => since <= version && (left === undefined || left > version))
      .sort((a, b) => (a.user < b.user ? -1 : 1));
  }

  join(user: UserId, name: MemberEntry['name'], identity: MemberEntry['identity']): MemberEntry {
    this.version += 1;
    const role = this.stretches.length === 0 ? 'owner' : 'member';
    const entry: MemberEntry = { user, name, role, joined: this.head, since: this.version, identity };
    this.stretches.push(entry);
    return entry;
  }

  leave(user: UserId): MemberEntry {
    const at = this.stretches.findIndex((entry) => entry.user === user && entry.left === undefined);
    this.version += 1;
    this.floor = this.version;
    const ended: MemberEntry = { ...(this.stretches[at] ?? expect.unreachable()), left: this.version };
    this.stretches[at] = ended;
    return ended;
  }

  /** A member's keys change: one stretch ends where the next begins. */
  rotate(user: UserId, name: MemberEntry['name'], identity: MemberEntry['identity']): MemberEntry {
    const { role, joined } = this.leave(user);
    const entry: MemberEntry = { user, name, role, joined, since: this.version, identity };
    this.stretches.push(entry);
    return entry;
  }

  settings(): EventBody<'room'> {
    const { id, name, retention, header, password, version } = this;
    const layout = header === 1 ? {} : { header };
    const suite = this.suite === 1 ? {} : { suite: this.suite };
    return {
      room: id,
      name,
      retention,
      hidden: false,
      password: password.number,
      ...layout,
      ...suite,
      ...(this.life === undefined ? {} : { life: this.life }),
      version,
    };
  }

  raise(header: number): void {
    this.version += 1;
    this.floor = this.version;
    this.header = header;
  }

  setLife(life: Uint8Array): void {
    this.version += 1;
    this.life = life;
  }

  setPassword({ salt = new Uint8Array(32), proof }: NonNullable<RequestBody<'update'>['password']>): void {
    this.version += 1;
    this.floor = this.version;
    this.password = { number: this.password.number + 1, salt, proof };
  }

  raiseSuite(): void {
    this.raise(this.header);
    this.suite = 2;
  }

  infoFor(user: UserId): RoomInfo | undefined {
    const member = this.members().find((entry) => entry.user === user);
    if (member === undefined) return undefined;
    const { role, joined } = member;
    return {
      room: this.id,
      name: this.name,
      role,
      joined,
      version: this.version,
      head: this.head,
      retention: this.retention,
      password: this.password.number,
      hidden: false,
      ...(this.header === 1 ? {} : { header: this.header }),
      ...(this.suite === 1 ? {} : { suite: this.suite }),
      ...(this.life === undefined ? {} : { life: this.life }),
      ...(this.epochs.newest === undefined ? {} : { epoch: this.epochs.newest.body.number }),
    };
  }

  membersReply(since: number | undefined): ReplyBody<'members'> {
    const members =
      since === undefined
        ? this.members()
        : this.stretches.filter((entry) => entry.since > since || (entry.left ?? 0) > since);
    return { version: this.version, members };
  }

  post(from: UserId, { version, header, ciphertext, wraps }: RequestBody<'send'>): FakeMessage | Refusal {
    const parsed = parseMessageHeader(header);
    if (!parsed.ok) return refuse('bad_request', { message: parsed.reason });
    const id = parsed.header.messageId;
    const earlier = this.messages.find((message) => message.id === id);
    if (earlier !== undefined) return earlier;
    if (this.infoFor(from) === undefined) return refuse('not_a_member');
    if (version < this.floor || parsed.header.passwordNumber !== this.password.number)
      return refuse('stale_roster', { version: this.version });
    if (layoutOf(parsed.header) !== (this.suite === 1 ? this.header : 3))
      return refuse('unsupported_version');
    const recipients = this.members(version);
    const { epoch } = parsed.header;
    if (epoch !== undefined && !this.epochs.stored.slice(-2).some(({ body }) => body.number === epoch.number))
      return refuse('unknown_epoch');
    if (epoch === undefined && wraps.length !== recipients.length * WRAP_BYTES)
      return refuse('bad_request', { message: 'one wrap per member' });
    this.head += 1;
    const table = new Map(
      recipients.map(({ user }, i) => [user, wraps.slice(i * WRAP_BYTES, (i + 1) * WRAP_BYTES)]),
    );
    const headerHash = new Uint8Array(createHash('sha256').update(header).digest());
    const message: FakeMessage = {
      seq: this.head,
      at: Date.now(),
      from,
      header,
      ciphertext,
      wraps: table,
      id,
      headerHash,
    };
    this.messages.push(message);
    return message;
  }

  history(user: UserId, { after, before, limit }: RequestBody<'history'>): ReplyBody<'history'> {
    const joined = this.infoFor(user)?.joined ?? 0;
    const stored = this.retention === 0 ? [] : this.messages;
    const own = stored.flatMap(({ wraps, seq, at, from, header, ciphertext }) => {
      const wrap = wraps.get(user);
      return wrap === undefined || seq <= joined ? [] : [{ seq, at, from, header, ciphertext, wrap }];
    });
    if (before !== undefined) {
      const rest = own.filter(({ seq }) => seq < before);
      const page = rest.slice(-limit);
      const more = page.length < rest.length;
      return { messages: page, through: more ? (page[0]?.seq ?? 0) : joined + 1, more };
    }
    const rest = own.filter(({ seq }) => seq > (after ?? 0));
    const page = rest.slice(0, limit);
    const more = page.length < rest.length;
    return { messages: page, through: more ? (page.at(-1)?.seq ?? 0) : this.head, more };
  }
}
