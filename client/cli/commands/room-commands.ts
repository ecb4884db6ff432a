import type { Command } from 'commander';
import type { Choose } from '../chosen-command.ts';
import type { ChatOptions } from './chat.ts';
import type { CreateOptions } from './rooms.ts';
import type { SearchOptions } from './search.ts';
import type { TailOptions } from './tail.ts';

const actions = () => import('./message-actions.ts');
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
    .option('--suite <suite>')
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
    .option('--reply <message>')
    .action(
      (
        room: string,
        text: string | undefined,
        options: { readonly strict?: boolean; readonly reply?: string },
      ) =>
        choose(send, ({ sendMessages }, context) => sendMessages(context, room, text, options), {
          oneShot: false,
        }),
    );
  program
    .command('edit <room> <message> <text>')
    .action((room: string, message: string, text: string) =>
      choose(actions, ({ editMessage }, context) => editMessage(context, room, message, text)),
    );
  program
    .command('retract <room> <message>')
    .action((room: string, message: string) =>
      choose(actions, ({ retractMessage }, context) => retractMessage(context, room, message)),
    );
  program
    .command('react <room> <message> <emoji>')
    .option('--remove')
    .action((room: string, message: string, emoji: string, options: { readonly remove?: boolean }) =>
      choose(actions, ({ reactToMessage }, context) =>
        reactToMessage(context, room, message, emoji, options),
      ),
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
    .option('--ids')
    .action((room: string, options: TailOptions) =>
      choose(tail, ({ tailRoom }, context) => tailRoom(context, room, options), {
        oneShot: options.follow !== true,
      }),
    );
}
