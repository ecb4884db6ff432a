import type { Command } from 'commander';
import { usageTexts } from '../../texts/usage-texts.ts';
import type { Choose } from '../chosen-command.ts';
import { usage } from '../exit-codes.ts';
import type { PasswordOptions, SureOptions } from './ruling.ts';

const ruling = () => import('./ruling.ts');

/** The commands of owners and moderators: `conclave room …`. */
export function rulingCommands(program: Command, choose: Choose): void {
  const room = program
    .command('room')
    .description('manage a room as its owner or moderator')
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
    .description('rename a room; the old name becomes free')
    .action((name: string, next: string) =>
      choose(ruling, ({ renameRoom }, context) => renameRoom(context, name, next)),
    );
  room
    .command('delete <room>')
    .description('delete a room and all its stored messages, for everybody; asks first')
    .option('--yes', 'do not ask')
    .action((name: string, options: SureOptions) =>
      choose(ruling, ({ deleteRoom }, context) => deleteRoom(context, name, options)),
    );
  room
    .command('password <room>')
    .description('change the room password; lists who has to be told')
    .option('--password-file <file>', 'read the password from a file')
    .option('--none', 'remove the password')
    .action((name: string, options: PasswordOptions) =>
      choose(ruling, ({ changePassword }, context) => changePassword(context, name, options)),
    );
  room
    .command('retention <room> <days>')
    .description('set how many days to store messages; 0: not at all. Applies to stored messages, too')
    .action((name: string, days: string) =>
      choose(ruling, ({ changeRetention }, context) => changeRetention(context, name, days)),
    );
  room
    .command('header <room> <layout>')
    .description('raise the header layout to 2: messages record what their senders had seen; asks first')
    .option('--yes', 'do not ask')
    .action((name: string, layout: string, options: SureOptions) =>
      choose(ruling, ({ raiseHeader }, context) => raiseHeader(context, name, layout, options)),
    );
  room
    .command('hide <room>')
    .description('hide a room from the list of rooms')
    .action((name: string) =>
      choose(ruling, ({ changeListing }, context) => changeListing(context, name, true)),
    );
  room
    .command('show <room>')
    .description('show a room in the list of rooms')
    .action((name: string) =>
      choose(ruling, ({ changeListing }, context) => changeListing(context, name, false)),
    );
  room
    .command('trust <room>')
    .description('accept that a room name leads to another room, or that the room no longer has a password')
    .option('--yes', 'do not ask')
    .action((name: string, options: { readonly yes?: boolean }) =>
      choose(ruling, ({ acceptRoom }, context) => acceptRoom(context, name, options)),
    );
}

function memberCommands(room: Command, choose: Choose): void {
  room
    .command('kick <room> <name>')
    .description('remove a member, who may join again')
    .action((name: string, user: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'kick', name, user)),
    );
  room
    .command('ban <room> <name>')
    .description('remove a user, or keep one out, until unban')
    .action((name: string, user: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'ban', name, user)),
    );
  room
    .command('unban <room> <name>')
    .description('let a banned user join again')
    .action((name: string, user: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'unban', name, user)),
    );
  room
    .command('bans <room>')
    .description('list the banned users')
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
    .description('hand a room over to a member; you become a moderator')
    .action((name: string, user: string) =>
      choose(ruling, ({ changeRole }, context) => changeRole(context, 'handOver', name, user)),
    );
}
