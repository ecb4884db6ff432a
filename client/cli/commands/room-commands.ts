import type { Command } from 'commander';
import type { Choose } from '../chosen-command.ts';
import type { ChatOptions } from './chat.ts';
import type { CreateOptions } from './rooms.ts';
import type { SearchOptions } from './search.ts';
import type { TailOptions } from './tail.ts';

const chat = () => import('./chat.ts');
const rooms = () => import('./rooms.ts');
const search = () => import('./search.ts');
const send = () => import('./send.ts');
const tail = () => import('./tail.ts');

export function roomCommands(program: Command, choose: Choose): void {
  membershipCommands(program, choose);
  messageCommands(program, choose);
}

function membershipCommands(program: Command, choose: Choose): void {
  program
    .command('chat [room]')
    .description('open the full-screen client; the first start creates an account')
    .option('--print-config', 'print a config file with all defaults and exit')
    .action((room: string | undefined, options: ChatOptions) =>
      choose(chat, ({ chat }, context) => chat(context, room, options), { oneShot: false }),
    );
  program
    .command('rooms')
    .description('list the rooms that are not hidden, most users online first')
    .option('--prefix <text>', 'only rooms whose name starts with this text')
    .action((options: { readonly prefix?: string }) =>
      choose(rooms, ({ listRooms }, context) => listRooms(context, options)),
    );
  program
    .command('members <room>')
    .description('list the members of a room that you are in')
    .action((room: string) => choose(rooms, ({ listMembers }, context) => listMembers(context, room)));
  program
    .command('create <room>')
    .description('create a room that you own')
    .option('--hidden', 'hide it from the list of rooms')
    .option('--password', 'protect it with a password, which is asked for')
    .option('--password-file <file>', 'protect it with the password in a file')
    .option('--retention <days>', 'how many days to store messages; 0: not at all (default: 30)')
    .option(
      '--header <layout>',
      'header layout; with 2, messages record what their senders had seen (default: 1)',
    )
    .action((room: string, options: CreateOptions) =>
      choose(rooms, ({ createRoom }, context) => createRoom(context, room, options)),
    );
  program
    .command('join <room>')
    .description('join a room')
    .option('--password-file <file>', 'read the room password from a file')
    .action((room: string, options: { readonly passwordFile?: string }) =>
      choose(rooms, ({ joinRoom }, context) => joinRoom(context, room, options)),
    );
  program
    .command('leave <room>')
    .description('leave a room; it is deleted when its last member leaves')
    .action((room: string) => choose(rooms, ({ leaveRoom }, context) => leaveRoom(context, room)));
}

function messageCommands(program: Command, choose: Choose): void {
  program
    .command('send <room> [text]')
    .description('send TEXT; without it, each line of standard input as a message; with -, all of it as one')
    .option('--strict', 'refuse if somebody would read the room for the first time')
    .action((room: string, text: string | undefined, options: { readonly strict?: boolean }) =>
      choose(send, ({ sendMessages }, context) => sendMessages(context, room, text, options), {
        oneShot: false,
      }),
    );
  program
    .command('search <text>')
    .description('search the messages read on this machine before; the server is not asked')
    .option('--room <room>', 'search only this room')
    .option('-n, --count <n>', 'number of messages, newest first (default: 20)')
    .action((text: string, options: SearchOptions) =>
      choose(search, ({ searchMessages }, context) => searchMessages(context, text, options)),
    );
  program
    .command('tail <room>')
    .description('print the last stored messages of a room, or those after a position')
    .option('--since <position>', 'SEQ: after that position; all: since you joined; now: nothing older')
    .option('-f, --follow', 'keep printing new messages')
    .option('-n, --count <n>', 'number of messages (default: the last 20 stored)')
    .action((room: string, options: TailOptions) =>
      choose(tail, ({ tailRoom }, context) => tailRoom(context, room, options), {
        oneShot: options.follow !== true,
      }),
    );
}
