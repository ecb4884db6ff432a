import type { Command } from 'commander';
import { parseRoomName, parseUserName } from '../../src/protocol/names.ts';
import { parseShownRoomName } from '../sdk/shown-room-name.ts';
import { texts } from '../texts/texts.ts';
import { usage } from './exit-codes.ts';
import { commandsBelow } from './explained.ts';

type Parse = (given: string) => string;

/** Arguments, by their commands, that no direct room can be: none is made, joined or renamed. */
const plainRooms: ReadonlyMap<string, string> = new Map([
  ['create', 'room'],
  ['join', 'room'],
  ['rename', 'name'],
]);

/**
 * Rooms and people are parsed before anything is done. They may be written as the chat writes them, `#Lobby` and `@alice`; as a room,
 * `@alice` is the direct room.
 */
export function parseNames(program: Command): void {
  for (const [, command] of commandsBelow(program, [])) {
    for (const argument of command.registeredArguments) {
      const parse = parserOf(argument.name(), command.name());
      if (parse === undefined) continue;
      if (argument.variadic)
        argument.argParser<readonly string[]>((given, before = []) => [...before, parse(given)]);
      else argument.argParser(parse);
    }
    for (const option of command.options) if (option.long === '--room') option.argParser(shownRoom);
  }
}

/** As a room is typed. Throws a usage failure. */
export function shownRoom(given: string): string {
  const room = plainName('room', given);
  return parseShownRoomName(room) ?? refused(room.startsWith('@') ? 'bad_user_name' : 'bad_room_name');
}

/** What is left of a word without the sign that may stand before it. */
export function plainName(argument: string, given: string): string {
  return given.replace(argument === 'room' ? /^#/ : /^[#@]/, '');
}

/** `<room>`, and `<name>`: that is a user's, or a room's new one. */
function parserOf(name: string, command: string): Parse | undefined {
  // The rooms of `bot` are followed by a program's own words, so the command itself checks them.
  if (command === 'bot') return undefined;
  if (plainRooms.get(command) === name)
    return (given) => parseRoomName(plainName(name, given)) ?? refused('bad_room_name');
  if (name === 'room') return shownRoom;
  return name === 'name' ? user : undefined;
}

const user: Parse = (given) => parseUserName(plainName('name', given)) ?? refused('bad_user_name');

function refused(why: 'bad_room_name' | 'bad_user_name'): never {
  throw usage(texts.local[why]);
}
