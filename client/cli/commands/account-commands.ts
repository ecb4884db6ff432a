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
    .description('create keys and an account on the server')
    .option('--rsa-key <file>', 'use an RSA-2048 private key (PEM) as the encryption key')
    .option('--invite-file <file>', 'read the invitation code from a file, if the server requires one')
    .action((name: string, options: { readonly rsaKey?: string; readonly inviteFile?: string }) =>
      choose(register, ({ registerAccount }, context) => registerAccount(context, name, options)),
    );
  program
    .command('whoami')
    .description('show the account that commands use')
    .action(() => choose(accounts, ({ whoAmI }, context) => whoAmI(context)));
  program
    .command('keys')
    .description('list your keys, oldest first')
    .action(() => choose(accounts, ({ showKeys }, context) => showKeys(context)));
  program
    .command('use <name>')
    .description('make another of your accounts on this server the default')
    .action((name: string) => choose(accounts, ({ useAccount }, context) => useAccount(context, name)));
  program
    .command('recover')
    .description('start over without the state of a profile, when it is missing or damaged')
    .option('--yes', 'do not ask')
    .action((options: { readonly yes?: boolean }) =>
      choose(accounts, ({ recoverProfile }, context) => recoverProfile(context, options)),
    );
  program
    .command('doctor')
    .description('check connection, clock and files, and report what is wrong')
    .action(() => choose(doctor, ({ runDoctor }, context) => runDoctor(context)));
  program
    .command('verify <name>')
    .description('compare safety numbers with a user and mark the user as verified')
    .option('--fingerprint <fingerprint>', 'compare with this fingerprint instead of asking')
    .option('--no-qr', 'do not show the number as a QR code')
    .action((name: string, options: { readonly fingerprint?: string; readonly qr?: boolean }) =>
      choose(trust, ({ verifyUser }, context) => verifyUser(context, name, options)),
    );
  program
    .command('trust <name>')
    .description("accept a user's changed key after you confirm its fingerprint")
    .option('--fingerprint <fingerprint>', 'accept exactly this key instead of asking')
    .action((name: string, options: { readonly fingerprint?: string }) =>
      choose(trust, ({ trustUser }, context) => trustUser(context, name, options)),
    );
  program
    .command('export <file>')
    .description('write keys and pins to a file, protected by its own passphrase')
    .action((file: string) => choose(accounts, ({ exportAccount }, context) => exportAccount(context, file)));
  program
    .command('import <file>')
    .description('import an exported account, or its newer keys, for the server given by --server')
    .action((file: string) => choose(accounts, ({ importAccount }, context) => importAccount(context, file)));
  lifeCommands(program, choose);
}

function lifeCommands(program: Command, choose: Choose): void {
  program
    .command('rotate')
    .description('replace your keys with new ones; old messages stay readable')
    .action(() => choose(life, ({ rotateKeys }, context) => rotateKeys(context)));
  program
    .command('logout')
    .description('end the session kept in the profile')
    .option('--everywhere', 'end all sessions of the account, on every machine')
    .action((options: { readonly everywhere?: boolean }) =>
      choose(life, ({ logOut }, context) => logOut(context, options)),
    );
  program
    .command('close-account')
    .description('close the account for good; its name is never reused')
    .option('--yes', 'do not ask')
    .action((options: { readonly yes?: boolean }) =>
      choose(life, ({ closeAccount }, context) => closeAccount(context, options)),
    );
}
