import type { Command } from 'commander';
import { usageTexts } from '../../texts/usage-texts.ts';
import type { Choose } from '../chosen-command.ts';
import { usage } from '../exit-codes.ts';
import type { PasswordOptions, SureOptions } from './ruling.ts';

const ruling = () => import('./ruling.ts');

/** What owners and moderators do: `conclave room …`. */
export function rulingCommands(program: Command, choose: Choose): void {
  const room = program
    .command('room')
    .description('what owners and moderators do to a room')
    .allowExcessArguments()
    .action((_options: unknown, command: Command) => {
      const [given] = command.args;
      if (given === undefined) throw usage(usageTexts.no_room_command);
      command.error(`error: unknown command '${given}'`, { code: 'commander.unknownCommand' });
    });
  settingCommands(room, choose);
  memberCommands(room, choose);
}

function settingCommands(room: Command, choose: Choose): void {
  room
    .command('rename <room> <name>')
    .description('give it another name; the old one is free then')
    .action((name: string, next: string) =>
      choose(ruling, ({ renameRoom }, context) => renameRoom(context, name, next)),
    );
  room
    .command('delete <room>')
    .description('end it for everybody, with all stored messages; asks first')
    .option('--yes', 'do not ask')
    .action((name: string, options: SureOptions) =>
      choose(ruling, ({ deleteRoom }, context) => deleteRoom(context, name, options)),
    );
  room
    .command('password <room>')
    .description('change its password; says who has to be told')
    .option('--password-file <file>', 'take the password in a file')
    .option('--none', 'no password any more')
    .action((name: string, options: PasswordOptions) =>
      choose(ruling, ({ changePassword }, context) => changePassword(context, name, options)),
    );
  room
    .command('retention <room> <days>')
    .description('how long messages are stored; 0: not at all. What is stored follows')
    .action((name: string, days: string) =>
      choose(ruling, ({ changeRetention }, context) => changeRetention(context, name, days)),
    );
  room
    .command('header <room> <layout>')
    .description('raise the layout of headers to 2: messages say what their senders had seen; asks first')
    .option('--yes', 'do not ask')
    .action((name: string, layout: string, options: SureOptions) =>
      choose(ruling, ({ raiseHeader }, context) => raiseHeader(context, name, layout, options)),
    );
  room
    .command('hide <room>')
    .description('leave it out of the list of rooms')
    .action((name: string) =>
      choose(ruling, ({ changeListing }, context) => changeListing(context, name, true)),
    );
  room
    .command('show <room>')
    .description('put it into the list of rooms')
    .action((name: string) =>
      choose(ruling, ({ changeListing }, context) => changeListing(context, name, false)),
    );
  room
    .command('trust <room>')
    .description('accept that its name leads to another room, or that it has no password any more')
    .option('--yes', 'do not ask')
    .action((name: string, options: { readonly yes?: boolean }) =>
      choose(ruling, ({ acceptRoom }, context) => acceptRoom(context, name, options)),
    );
}

function memberCommands(room: Command, choose: Choose): void {
  room
    .command('kick <room> <name>')
    .description('end a membership; the user may join again')
    .action((name: string, user: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'kick', name, user)),
    );
  room
    .command('ban <room> <name>')
    .description('end a membership, or prevent one, until unban')
    .action((name: string, user: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'ban', name, user)),
    );
  room
    .command('unban <room> <name>')
    .description('let a user join again')
    .action((name: string, user: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'unban', name, user)),
    );
  room
    .command('bans <room>')
    .description('list who is banned')
    .action((name: string) => choose(ruling, ({ listBans }, context) => listBans(context, name)));
  room
    .command('grant <room> <name>')
    .description('make a member a moderator')
    .action((name: string, user: string) =>
      choose(ruling, ({ changeRole }, context) => changeRole(context, 'grant', name, user)),
    );
  room
    .command('revoke <room> <name>')
    .description('make a moderator a plain member')
    .action((name: string, user: string) =>
      choose(ruling, ({ changeRole }, context) => changeRole(context, 'revoke', name, user)),
    );
  room
    .command('owner <room> <name>')
    .description('hand it over to a member; you are a moderator then')
    .action((name: string, user: string) =>
      choose(ruling, ({ changeRole }, context) => changeRole(context, 'handOver', name, user)),
    );
}
