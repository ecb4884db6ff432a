import type { Command } from 'commander';
import type { Choose } from '../chosen-command.ts';

const contacts = () => import('./contacts.ts');

export function contactCommands(program: Command, choose: Choose): void {
  program.command('dm <name> [text...]').action((name: string, text: readonly string[]) =>
    choose(contacts, ({ directMessage }, context) => directMessage(context, name, text), {
      oneShot: text.length === 0,
    }),
  );
  program
    .command('invite <room> <name>')
    .action((room: string, name: string) =>
      choose(contacts, ({ inviteUser }, context) => inviteUser(context, room, name)),
    );
  program
    .command('invitations')
    .action(() => choose(contacts, ({ listInvitations }, context) => listInvitations(context)));
  program
    .command('decline <room>')
    .action((room: string) => choose(contacts, ({ decline }, context) => decline(context, room)));
  program
    .command('block <name>')
    .action((name: string) => choose(contacts, ({ blockUser }, context) => blockUser(context, name)));
  program
    .command('unblock <name>')
    .action((name: string) => choose(contacts, ({ unblockUser }, context) => unblockUser(context, name)));
  program
    .command('blocked')
    .action(() => choose(contacts, ({ listBlocked }, context) => listBlocked(context)));
}
