import type { Command } from 'commander';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import type { Choose } from '../chosen-command.ts';
import { usage } from '../exit-codes.ts';
import type { SureOptions } from '../sure.ts';
import { pathOf } from '../usage-errors.ts';
import type { PasswordOptions } from './ruling.ts';

const ruling = () => import('./ruling.ts');

/** The commands of owners and moderators: `conclave room …`. */
export function rulingCommands(program: Command, choose: Choose): void {
  const room = program
    .command('room')
    .allowExcessArguments()
    .action((_options: unknown, command: Command) => {
      const [given] = command.args;
      const text = cliTexts.usage[given === undefined ? 'no_room_command' : 'unknown_command'];
      throw usage(filled(text, { given, command: pathOf(command) }));
    });
  settingCommands(room, choose);
  memberCommands(room, choose);
}

function settingCommands(room: Command, choose: Choose): void {
  room
    .command('rename <room> <name>')
    .action((name: string, next: string) =>
      choose(ruling, ({ renameRoom }, context) => renameRoom(context, name, next)),
    );
  room
    .command('delete <room>')
    .option('--yes')
    .action((name: string, options: SureOptions) =>
      choose(ruling, ({ deleteRoom }, context) => deleteRoom(context, name, options)),
    );
  room
    .command('password <room>')
    .option('--password-file <file>')
    .option('--none')
    .action((name: string, options: PasswordOptions) =>
      choose(ruling, ({ changePassword }, context) => changePassword(context, name, options)),
    );
  room
    .command('retention <room> <time>')
    .option('--yes')
    .action((name: string, time: string, options: SureOptions) =>
      choose(ruling, ({ changeRetention }, context) => changeRetention(context, name, time, options)),
    );
  room
    .command('disappear <room> <time>')
    .action((name: string, time: string) =>
      choose(ruling, ({ changeLife }, context) => changeLife(context, name, time)),
    );
  room
    .command('header <room> <layout>')
    .option('--yes')
    .action((name: string, layout: string, options: SureOptions) =>
      choose(ruling, ({ raiseHeader }, context) => raiseHeader(context, name, layout, options)),
    );
  room
    .command('suite <room> <suite>')
    .option('--yes')
    .action((name: string, suite: string, options: SureOptions) =>
      choose(ruling, ({ raiseSuite }, context) => raiseSuite(context, name, suite, options)),
    );
  room
    .command('hide <room>')
    .action((name: string) =>
      choose(ruling, ({ changeListing }, context) => changeListing(context, name, true)),
    );
  room
    .command('show <room>')
    .action((name: string) =>
      choose(ruling, ({ changeListing }, context) => changeListing(context, name, false)),
    );
  room
    .command('trust <room>')
    .option('--yes')
    .action((name: string, options: { readonly yes?: boolean }) =>
      choose(ruling, ({ acceptRoom }, context) => acceptRoom(context, name, options)),
    );
}

function memberCommands(room: Command, choose: Choose): void {
  room
    .command('kick <room> <name> [reason]')
    .action((name: string, user: string, reason?: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'kick', name, user, reason)),
    );
  room
    .command('ban <room> <name> [reason]')
    .action((name: string, user: string, reason?: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'ban', name, user, reason)),
    );
  room
    .command('unban <room> <name>')
    .action((name: string, user: string) =>
      choose(ruling, ({ keepOut }, context) => keepOut(context, 'unban', name, user)),
    );
  room
    .command('bans <room>')
    .action((name: string) => choose(ruling, ({ listBans }, context) => listBans(context, name)));
  room
    .command('grant <room> <name>')
    .action((name: string, user: string) =>
      choose(ruling, ({ changeRole }, context) => changeRole(context, 'grant', name, user)),
    );
  room
    .command('revoke <room> <name>')
    .action((name: string, user: string) =>
      choose(ruling, ({ changeRole }, context) => changeRole(context, 'revoke', name, user)),
    );
  room
    .command('owner <room> <name>')
    .action((name: string, user: string) =>
      choose(ruling, ({ changeRole }, context) => changeRole(context, 'handOver', name, user)),
    );
}
