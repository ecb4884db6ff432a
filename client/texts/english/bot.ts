import { counted } from './numbers.ts';

/** What `conclave bot` says of its program, to people and to the program. */
export const bot = {
  ended: ({
    program,
    how,
    seconds,
  }: {
    readonly program: string;
    readonly how: string;
    readonly seconds: number;
  }): string => `${program} ended (${how}): starting it again in ${seconds} s`,
  exit_code: 'exit code {code}',
  refused: '{program}, line {line}: {said}',
  stalled: ({ room, count }: { readonly room: string; readonly count: number }): string =>
    `the program has acknowledged none of ${counted(count, 'message')} of ${room}, and gets no more until it does: see conclave help bot`,
  // What is wrong with a line, after what it is about
  message_id: 'a message id',
  room_name: 'a room name',
  user_id: 'a user id',
  not_json: 'is not JSON',
  not_object: 'is not an object',
  not_type: 'is not one of {types}',
  which_room: 'room is missing: this bot is in several',
  not_in_room: 'this bot is not in {room}',
  not_given: 'you have not been given a message with this seq yet',
} as const;
