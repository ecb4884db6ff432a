import { type Command, Option } from 'commander';
import type { UserName } from '../../../src/protocol/names.ts';
import type { Choose, ChosenCommand } from '../chosen-command.ts';
import type { AgentOptions } from './agent.ts';
import type { BackupOptions } from './backup.ts';
import type { LinkOptions } from './link.ts';
import type { RegisterOptions } from './register.ts';
import type { RestoreOptions } from './restore.ts';

const agent = () => import('./agent.ts');
const accounts = () => import('./accounts.ts');
const life = () => import('./account-life.ts');
const backup = () => import('./backup.ts');
const link = () => import('./link.ts');
const restore = () => import('./restore.ts');
const doctor = () => import('./doctor.ts');
const register = () => import('./register.ts');
const trust = () => import('./trust.ts');

/** See ChosenCommand. */
const givingAway: Pick<ChosenCommand, 'oneShot' | 'givesAway'> = { oneShot: true, givesAway: true };

export function accountCommands(program: Command, choose: Choose): void {
  program
    .command('register <name>')
    .option('--rsa-key <file>')
    .option('--invite-file <file>')
    .option('--backup')
    .option('--no-backup')
    .action((name: UserName, options: RegisterOptions) =>
      choose(register, ({ registerAccount }, context) => registerAccount(context, name, options)),
    );
  program.command('whoami').action(() => choose(accounts, ({ whoAmI }, context) => whoAmI(context)));
  program.command('keys').action(() => choose(accounts, ({ showKeys }, context) => showKeys(context)));
  program
    .command('use <name>')
    .action((name: UserName) => choose(accounts, ({ useAccount }, context) => useAccount(context, name)));
  program
    .command('recover')
    .option('--yes')
    .action((options: { readonly yes?: boolean }) =>
      choose(accounts, ({ recoverProfile }, context) => recoverProfile(context, options)),
    );
  program.command('doctor').action(() => choose(doctor, ({ runDoctor }, context) => runDoctor(context)));
  program
    .command('verify <name>')
    .option('--fingerprint <fingerprint>')
    .option('--no-qr')
    .action((name: string, options: { readonly fingerprint?: string; readonly qr?: boolean }) =>
      choose(trust, ({ verifyUser }, context) => verifyUser(context, name, options)),
    );
  program
    .command('trust <name>')
    .option('--fingerprint <fingerprint>')
    .action((name: string, options: { readonly fingerprint?: string }) =>
      choose(trust, ({ trustUser }, context) => trustUser(context, name, options)),
    );
  program
    .command('export <file>')
    .action((file: string) =>
      choose(accounts, ({ exportAccount }, context) => exportAccount(context, file), givingAway),
    );
  program
    .command('import <file>')
    .action((file: string) => choose(accounts, ({ importAccount }, context) => importAccount(context, file)));
  program
    .command('agent')
    .option('--for <time>')
    .option('--idle <time>')
    .option('--foreground')
    .option('--stop')
    .addOption(new Option('--key-on-stdin').hideHelp())
    .action((options: AgentOptions) =>
      choose(agent, ({ runAgent }, context) => runAgent(context, options), { oneShot: false }),
    );
  backupCommands(program, choose);
  lifeCommands(program, choose);
}

function backupCommands(program: Command, choose: Choose): void {
  program
    .command('backup')
    .option('--new-code')
    .option('--delete')
    .option('--yes')
    .option('--no-qr')
    .action((options: BackupOptions) =>
      choose(backup, ({ backUp }, context) => backUp(context, options), givingAway),
    );
  program
    .command('restore <name>')
    .option('--code-file <file>')
    .option('--fingerprint <fingerprint>')
    .option('--yes')
    .action((name: UserName, options: RestoreOptions) =>
      choose(restore, ({ restoreAccount }, context) => restoreAccount(context, name, options)),
    );
  program
    .command('link')
    .option('--give')
    .option('--code-file <file>')
    .option('--fingerprint <fingerprint>')
    .option('--yes')
    .option('--no-qr')
    .action((options: LinkOptions) =>
      choose(link, ({ linkDevice }, context) => linkDevice(context, options), {
        ...givingAway,
        oneShot: false,
      }),
    );
}

function lifeCommands(program: Command, choose: Choose): void {
  program
    .command('rotate')
    .action(() => choose(life, ({ rotateKeys }, context) => rotateKeys(context), givingAway));
  program
    .command('logout')
    .option('--everywhere')
    .action((options: { readonly everywhere?: boolean }) =>
      choose(life, ({ logOut }, context) => logOut(context, options)),
    );
  program
    .command('close-account')
    .option('--yes')
    .action((options: { readonly yes?: boolean }) =>
      choose(life, ({ closeAccount }, context) => closeAccount(context, options), givingAway),
    );
}
