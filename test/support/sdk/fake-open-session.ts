import { expect } from 'vitest';
import { closeCodes, errorCodes } from '../../../src/protocol/codes.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import { isRefusal, refuse } from '../../../src/protocol/error-reply.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { parseIdentityDocument } from '../../../src/protocol/layouts/identity-document.ts';
import { parsePrekey } from '../../../src/protocol/layouts/prekey.ts';
import { foldName, type RoomName } from '../../../src/protocol/names.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import { encodeEvent, type Request } from '../../../src/protocol/server-codec.ts';
import { FakeRoom } from './fake-room.ts';
import type { Answer, FakeSession, FakeWorld } from './fake-session.ts';

/** What a fake server answers a user that is logged in. */
export function answerOpenSession(
  server: FakeWorld,
  session: FakeSession,
  user: UserId,
  request: Request,
): Answer {
  const { name } = request;
  switch (name) {
    case 'mine':
      return {
        name,
        body: { rooms: [...server.rooms.values()].flatMap((room) => room.infoFor(user) ?? []) },
      };
    case 'rooms':
      return { name, body: listed(server) };
    // Nobody invites anybody here.
    case 'invitations':
      return { name: 'invitations', body: { invitations: [] } };
    case 'dismiss':
      return { name: 'dismiss', body: {} };
    // Nobody has another device here.
    case 'state':
    case 'put-state':
      return { name, body: {} };
    case 'identity': {
      const wanted = request.body;
      const found = [...server.users.values()].find(
        ({ id, name: known }) =>
          id === wanted.user || (wanted.name !== undefined && foldName(known) === foldName(wanted.name)),
      );
      if (found === undefined) return refuse('invalid_name');
      return { name, body: { user: found.id, chain: found.chain.slice(wanted.since ?? 0), more: false } };
    }
    case 'enter':
      return {
        name,
        body: { rooms: request.body.rooms.map((id) => enter(server, session, id, request.body.suite)) },
      };
    case 'prekey':
      server.prekeys.set(user, request.body.prekeys);
      return { name, body: {} };
    case 'logout':
      server.endSessions(user, {
        ...{ close: closeCodes.revoked.code, resume: 'auth_failed' },
        ...(request.body.everywhere !== true && session.token !== undefined && { token: session.token }),
      });
      return { name, body: {} };
    case 'rotate':
      return rotated(server, user, request.body.identity);
    case 'close-account':
      server.endSessions(user, { close: closeCodes.account_closed.code, resume: 'auth_failed' });
      return { name, body: {} };
    case 'lookup':
    case 'create':
    case 'join':
      return answerByName(server, user, request);
    default:
      return answerInRoom(server, user, request);
  }
}

/** In every room at once. */
function rotated(server: FakeWorld, user: UserId, identity: SignedIdentity): Answer {
  const { name, chain } = server.users.get(user) ?? expect.unreachable();
  const parsed = parseIdentityDocument(identity.document);
  if (!parsed.ok || parsed.document.sequence !== chain.length) return refuse('conflict');
  chain.push(identity);
  server.endSessions(user, { close: closeCodes.revoked.code, resume: 'keys_replaced' });
  for (const room of server.rooms.values()) {
    if (room.infoFor(user) === undefined) continue;
    const member = room.rotate(user, name, identity);
    server.emit(room.id, 'roster', { room: room.id, kind: 'identity', member, version: room.version });
  }
  return { name: 'rotate', body: {} };
}

function answerByName(server: FakeWorld, user: UserId, request: Request): Answer {
  const { name } = request;
  switch (name) {
    case 'lookup': {
      const { number, salt } = find(server, request.body.name)?.password ?? {
        number: 1,
        salt: new Uint8Array(32),
      };
      return { name, body: { password: number, salt } };
    }
    case 'create': {
      if (find(server, request.body.name) !== undefined) return refuse('name_taken');
      const room = new FakeRoom(request.body.name, request.body.password);
      room.header = request.body.header ?? 1;
      room.suite = request.body.suite ?? 1;
      server.rooms.set(room.id, room);
      enrol(server, room, user);
      return { name, body: { info: room.infoFor(user) ?? expect.unreachable() } };
    }
    case 'join': {
      const room = find(server, request.body.name);
      if (room === undefined || !sameProof(room.password.proof, request.body.proof))
        return refuse('no_such_room_or_password');
      if (room.suite > (request.body.suite ?? 1)) return refuse('unsupported_version');
      if (room.infoFor(user) !== undefined) return refuse('already_a_member', { room: room.id });
      enrol(server, room, user);
      return { name, body: { info: room.infoFor(user) ?? expect.unreachable() } };
    }
    default:
      return refuse('bad_request');
  }
}

function answerInRoom(server: FakeWorld, user: UserId, request: Request): Answer {
  const { name, body } = request;
  if (!('room' in body)) return refuse('bad_request');
  const room = server.rooms.get(body.room);
  if (room === undefined) return refuse('not_a_member');
  if (name === 'send') {
    const posted = room.post(user, request.body);
    if (isRefusal(posted)) return posted;
    if (server.delivers(posted)) server.deliver(room, posted);
    return { name, body: { seq: posted.seq, at: posted.at, headerHash: posted.headerHash } };
  }
  if (room.infoFor(user) === undefined) return refuse('not_a_member');
  switch (name) {
    case 'leave':
      server.emit(room.id, 'roster', {
        room: room.id,
        kind: 'left',
        member: room.leave(user),
        version: room.version,
      });
      return { name, body: {} };
    case 'kick':
      server.emit(room.id, 'roster', {
        room: room.id,
        kind: 'kicked',
        member: room.leave(request.body.user),
        version: room.version,
      });
      for (const { entered: rooms, socket, user: of } of server.sessions)
        if (of === request.body.user && rooms.delete(room.id))
          socket.send(encodeEvent('room-gone', { room: room.id, reason: 'kicked' }));
      return { name, body: {} };
    case 'update': {
      if (request.body.suite === 2) room.raiseSuite();
      else if (request.body.header !== undefined) room.raise(request.body.header);
      else if (request.body.password !== undefined) room.setPassword(request.body.password);
      else if (request.body.life !== undefined) room.setLife(request.body.life);
      else return refuse('bad_request');
      server.emit(room.id, 'room', room.settings());
      return { name, body: { password: room.password.number } };
    }
    case 'members':
      return { name, body: room.membersReply(request.body.since) };
    case 'wraps':
      room.epochs.part(request.body);
      return { name, body: {} };
    case 'epochs':
      if (room.suite === 1) return refuse('unsupported_version');
      return { name, body: room.epochs.page(user, request.body) };
    case 'prekeys':
      return { name, body: prekeysOf(server, room) };
    case 'history':
      return { name, body: room.history(user, request.body) };
    default:
      return refuse('bad_request');
  }
}

function prekeysOf({ prekeys }: FakeWorld, room: FakeRoom): ReplyBody<'prekeys'> {
  const now = Date.now();
  const current = (signed: Uint8Array): boolean => {
    const { notBefore = 0, notAfter = 0 } = parsePrekey(signed)?.prekey ?? {};
    return notBefore <= now && now < notAfter;
  };
  return {
    prekeys: room.members().flatMap(({ user }) => {
      const prekey = prekeys.get(user)?.find(current);
      return prekey === undefined ? [] : [{ user, prekey }];
    }),
  };
}

/** Stores an epoch, and tells those who are in the room. */
export async function commitEpoch(
  server: FakeWorld,
  user: UserId,
  { room: id, record }: RequestBody<'epoch'>,
): Promise<Answer> {
  const room = server.rooms.get(id);
  if (room?.infoFor(user) === undefined) return refuse('not_a_member');
  const made = await room.epochs.commit(room, user, record);
  if (made !== 'known' && isRefusal(made)) return made;
  if (made !== 'known')
    for (const session of server.sessions) {
      const own = session.user === undefined ? undefined : room.epochs.ownOf(made, session.user);
      if (own !== undefined && session.entered.has(id) && server.tellsEpochs(session))
        session.socket.send(encodeEvent('epoch', { room: id, epoch: own }));
    }
  return { name: 'epoch', body: { at: Date.now() } };
}

function listed(server: FakeWorld): ReplyBody<'rooms'> {
  const rooms = [...server.rooms.values()].map((room) => ({
    name: room.name,
    online: 1,
    members: room.members().length,
    password: room.password.number > 0,
  }));
  return { rooms, total: server.sessions.size };
}

function find(server: FakeWorld, name: RoomName): FakeRoom | undefined {
  return [...server.rooms.values()].find((room) => foldName(room.name) === foldName(name));
}

function enrol(server: FakeWorld, room: FakeRoom, user: UserId): void {
  const { name, chain } = server.users.get(user) ?? expect.unreachable();
  const member = room.join(user, name, chain.at(-1) ?? expect.unreachable());
  server.emit(room.id, 'roster', { room: room.id, kind: 'joined', member, version: room.version });
}

function enter(
  server: FakeWorld,
  session: FakeSession,
  id: RoomId,
  suite = 1,
): ReplyBody<'enter'>['rooms'][number] {
  const room = server.rooms.get(id);
  const info = session.user === undefined ? undefined : room?.infoFor(session.user);
  if (room === undefined || info === undefined) return { room: id, error: errorCodes.not_a_member.code };
  if (room.suite > suite) return { room: id, error: errorCodes.unsupported_version.code };
  session.entered.add(id);
  const online = [...server.sessions].flatMap(({ entered, user }) =>
    entered.has(id) && user !== undefined ? [user] : [],
  );
  const users = online.map((user) => ({ user, online: true, version: 1 }));
  return { room: id, info, presence: { online: online.length, version: 1, users } };
}

function sameProof(kept: Uint8Array | undefined, given: Uint8Array | undefined): boolean {
  if (kept === undefined) return true;
  return given !== undefined && Buffer.from(kept).equals(Buffer.from(given));
}
