import type { RoomId } from '../../../src/protocol/ids.ts';
import type { Entry } from './entry.ts';
import type { EntryFile, FileState } from './entry-file.ts';
import { type Model, withRoom } from './model.ts';
import type { RoomModel } from './room-model.ts';
import type { Timeline } from './timeline.ts';

/** Numbers the files that came, in their order. */
export function withFilesNumbered(timeline: Timeline): Timeline {
  if (!timeline.entries.some(hasNew)) return timeline;
  let { lastFile } = timeline;
  const numbered = (file: EntryFile): EntryFile => {
    if (file.number !== 0) return file;
    lastFile += 1;
    return { ...file, number: lastFile };
  };
  const entries = timeline.entries.map((entry) =>
    entry.kind === 'message' && entry.files !== undefined && hasNew(entry)
      ? { ...entry, files: entry.files.map(numbered) }
      : entry,
  );
  return { ...timeline, entries, lastFile };
}

function hasNew(entry: Entry): boolean {
  return entry.kind === 'message' && entry.files?.some(({ number }) => number === 0) === true;
}

export function fileNumbered({ timeline }: RoomModel, number: number): EntryFile | undefined {
  for (const entry of timeline.entries)
    if (entry.kind === 'message') {
      const found = entry.files?.find((file) => file.number === number);
      if (found !== undefined) return found;
    }
  return undefined;
}

/** The file with this number, if it is loaded, is in another state. */
export function withFileState(model: Model, id: RoomId, number: number, state: FileState | undefined): Model {
  return withRoom(model, id, (room) => {
    const at = room.timeline.entries.findIndex(
      (entry) => entry.kind === 'message' && entry.files?.some((file) => file.number === number) === true,
    );
    const entry = room.timeline.entries[at];
    if (entry?.kind !== 'message' || entry.files === undefined) return room;
    const files = entry.files.map((file) => (file.number === number ? { ...file, state } : file));
    const now = { ...entry, files };
    const anchor = room.anchor?.item === entry ? { ...room.anchor, item: now } : room.anchor;
    return { ...room, anchor, timeline: { ...room.timeline, entries: room.timeline.entries.with(at, now) } };
  });
}
