import type { Command } from 'commander';
import type { BotOptions } from '../bot/bot.ts';
import type { Choose } from '../chosen-command.ts';
import type { ChatOptions } from './chat.ts';
import type { HistoryOptions } from './history.ts';
import type { CreateOptions } from './rooms.ts';
import type { SearchOptions } from './search.ts';
import type { SendOptions } from './send.ts';
import type { TailOptions } from './tail.ts';
import type { WebOptions } from './web.ts';

const actions = () => import('./message-actions.ts');
const bot = () => import('../bot/bot.ts');
const chat = () => import('./chat.ts');
const history = () => import('./history.ts');
const rooms = () => import('./rooms.ts');
const save = () => import('./save.ts');
const search = () => import('./search.ts');
const send = () => import('./send.ts');
const tail = () => import('./tail.ts');
const web = () => import('./web.ts');

/** An interrupted bot waits for its program, which gets 4 seconds. */
const BOT_GRACE_MS = 5_000;

export function roomCommands(program: Command, choose: Choose): void {
  membershipCommands(program, choose);
  messageCommands(program, choose);
  readingCommands(program, choose);
}

function membershipCommands(program: Command, choose: Choose): void {
  program
    .command('chat [room]')
    .option('--print-config')
    .action((room: string | undefined, options: ChatOptions) =>
      choose(chat, ({ chat }, context) => chat(context, room, options), { oneShot: false }),
    );
  program
    .command('web')
    .option('--port <number>')
    .action((options: WebOptions) =>
      choose(web, ({ web }, context) => web(context, options), { oneShot: false }),
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
    .option('--retention <time>')
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
    .option('--disappear <time>')
    .option('--file <path>', '', (path: string, before: readonly string[] = []) => [...before, path])
    .action((room: string, text: string | undefined, options: SendOptions) =>
      choose(send, ({ sendMessages }, context) => sendMessages(context, room, text, options), {
        oneShot: false,
      }),
    );
  program
    .command('save <room> <message> [path]')
    .action((room: string, message: string, path: string | undefined) =>
      choose(save, ({ saveFiles }, context) => saveFiles(context, room, message, path), { oneShot: false }),
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
    .command('remove <room> <message> [reason]')
    .action((room: string, message: string, why?: string) =>
      choose(actions, ({ removeMessage }, context) => removeMessage(context, room, message, why)),
    );
  program
    .command('react <room> <message> <emoji>')
    .option('--remove')
    .action((room: string, message: string, emoji: string, options: { readonly remove?: boolean }) =>
      choose(actions, ({ reactToMessage }, context) =>
        reactToMessage(context, room, message, emoji, options),
      ),
    );
}

function readingCommands(program: Command, choose: Choose): void {
  program
    .command('search <text>')
    .option('--room <room>')
    .option('-n, --count <n>')
    .action((text: string, options: SearchOptions) =>
      choose(search, ({ searchMessages }, context) => searchMessages(context, text, options)),
    );
  program
    .command('tail <room...>')
    .option('--since <position>')
    .option('-f, --follow')
    .option('-n, --count <n>')
    .option('--ids')
    .option('--save-files <dir>')
    .action((rooms: readonly string[], options: TailOptions) =>
      choose(tail, ({ tailRooms }, context) => tailRooms(context, rooms, options), {
        oneShot: options.follow !== true && options.saveFiles === undefined,
      }),
    );
  program
    .command('history <room>')
    .option('--since <position>')
    .option('--format <format>')
    .action((room: string, options: HistoryOptions) =>
      choose(history, ({ printHistory }, context) => printHistory(context, room, options), {
        oneShot: false,
      }),
    );
  program
    .command('bot <room...>')
    .option('--own')
    .option('--no-ack')
    .action((words: readonly string[], options: BotOptions) =>
      choose(bot, ({ runBot }, context) => runBot(context, words, options), {
        oneShot: false,
        graceMs: BOT_GRACE_MS,
      }),
    );
}
