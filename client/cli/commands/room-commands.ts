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
    .option('--print-config')
    .action((room: string | undefined, options: ChatOptions) =>
      choose(chat, ({ chat }, context) => chat(context, room, options), { oneShot: false }),
    );
  program
    .command('rooms')
    .option('--prefix <text>')
    .action((options: { readonly prefix?: string }) =>
      choose(rooms, ({ listRooms }, context) => listRooms(context, options)),
    );
  program
    .command('members <room>')
    .action((room: string) => choose(rooms, ({ listMembers }, context) => listMembers(context, room)));
  program
    .command('create <room>')
    .option('--hidden')
    .option('--password')
    .option('--password-file <file>')
    .option('--retention <days>')
    .option('--header <layout>')
    .action((room: string, options: CreateOptions) =>
      choose(rooms, ({ createRoom }, context) => createRoom(context, room, options)),
    );
  program
    .command('join <room>')
    .option('--password-file <file>')
    .action((room: string, options: { readonly passwordFile?: string }) =>
      choose(rooms, ({ joinRoom }, context) => joinRoom(context, room, options)),
    );
  program
    .command('leave <room>')
    .action((room: string) => choose(rooms, ({ leaveRoom }, context) => leaveRoom(context, room)));
}

function messageCommands(program: Command, choose: Choose): void {
  program
    .command('send <room> [text]')
    .option('--strict')
    .action((room: string, text: string | undefined, options: { readonly strict?: boolean }) =>
      choose(send, ({ sendMessages }, context) => sendMessages(context, room, text, options), {
        oneShot: false,
      }),
    );
  program
    .command('search <text>')
    .option('--room <room>')
    .option('-n, --count <n>')
    .action((text: string, options: SearchOptions) =>
      choose(search, ({ searchMessages }, context) => searchMessages(context, text, options)),
    );
  program
    .command('tail <room>')
    .option('--since <position>')
    .option('-f, --follow')
    .option('-n, --count <n>')
    .action((room: string, options: TailOptions) =>
      choose(tail, ({ tailRoom }, context) => tailRoom(context, room, options), {
        oneShot: options.follow !== true,
      }),
    );
}
