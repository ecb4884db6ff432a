import type { CommandUser } from '../commands/command.ts';
import {
  type Completion,
  type CompletionSources,
  complete,
  emojiCalled,
  knownEmoji,
  pathBegun,
  type Written,
} from '../commands/complete.ts';
import type { FaceFiles } from '../files/face-files.ts';
import { activeRoom } from '../model/model.ts';
import type { OpenRooms } from '../rooms/open-rooms.ts';
import type { Store } from '../store.ts';

/** Knows what may be meant by the beginning of a name, a room, a command or an emoji. */
export class Completer {
  readonly #files: FaceFiles | undefined;
  readonly #store: Store;
  readonly #rooms: OpenRooms;
  #emoji: Awaited<ReturnType<typeof knownEmoji>> = [];

  constructor(store: Store, rooms: OpenRooms, files: FaceFiles | undefined) {
    this.#files = files;
    this.#store = store;
    this.#rooms = rooms;
  }

  /** Undefined: nothing fits what stands before the cursor. */
  async complete(written: Written): Promise<Completion | undefined> {
    if (written.text.includes(':') && this.#emoji.length === 0) this.#emoji = await knownEmoji();
    const begun = pathBegun(written);
    const paths = begun === undefined ? [] : ((await this.#files?.paths(begun)) ?? []);
    return complete(written, { ...this.#sources(), paths });
  }

  /** The people of the room come first, then those of the other rooms. */
  #sources(): Omit<CompletionSources, 'paths'> {
    const { model } = this.#store;
    const shown = activeRoom(model);
    const own = model.rooms.map(({ name }) => name);
    const rooms = shown === undefined ? model.rooms : [shown, ...model.rooms];
    const people = rooms.flatMap(({ members = [] }) => members.map(({ user }) => user));
    const who: CommandUser = shown === undefined || shown.gone ? 'anyone' : shown.settings.role;
    return {
      who,
      ownRooms: own,
      allRooms: [...own, ...this.#rooms.listed],
      emoji: (prefix) => emojiCalled(prefix, this.#emoji),
      people: [...new Set(people)].filter((user) => user !== model.me?.user),
    };
  }
}
