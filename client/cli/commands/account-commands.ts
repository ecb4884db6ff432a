import type { Command } from 'commander';
import type { Choose } from '../chosen-command.ts';

const accounts = () => import('./accounts.ts');
const life = () => import('./account-life.ts');
const doctor = () => import('./doctor.ts');
const register = () => import('./register.ts');
const trust = () => import('./trust.ts');

export function accountCommands(program: Command, choose: Choose): void {
  program
    .command('register <name>')
    .option('--rsa-key <file>')
    .option('--invite-file <file>')
    .action((name: string, options: { readonly rsaKey?: string; readonly inviteFile?: string }) =>
      choose(register, ({ registerAccount }, context) => registerAccount(context, name, options)),
    );
  program.command('whoami').action(() => choose(accounts, ({ whoAmI }, context) => whoAmI(context)));
  program.command('keys').action(() => choose(accounts, ({ showKeys }, context) => showKeys(context)));
  program
    .command('use <name>')
    .action((name: string) => choose(accounts, ({ useAccount }, context) => useAccount(context, name)));
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
    .action((file: string) => choose(accounts, ({ exportAccount }, context) => exportAccount(context, file)));
  program
    .command('import <file>')
    .action((file: string) => choose(accounts, ({ importAccount }, context) => importAccount(context, file)));
  lifeCommands(program, choose);
}

function lifeCommands(program: Command, choose: Choose): void {
  program.command('rotate').action(() => choose(life, ({ rotateKeys }, context) => rotateKeys(context)));
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
      choose(life, ({ closeAccount }, context) => closeAccount(context, options)),
    );
}
