import type { RoomId } from '../../../src/protocol/ids.ts';
import type { RoomName } from '../../../src/protocol/names.ts';
import type { HostileServer } from './hostile-server.ts';

/** The server gives these rooms other names, wherever it names them. */
export function renameRooms(hostile: HostileServer, names: ReadonlyMap<RoomId, RoomName>): void {
  hostile.reply('mine', (reply) => ({
    ...reply,
    rooms: reply.rooms.map((entry) => ({ ...entry, name: names.get(entry.room) ?? entry.name })),
  }));
  hostile.claim((info) => ({ ...info, name: names.get(info.room) ?? info.name }));
}
