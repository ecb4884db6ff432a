import type { Command } from 'commander';
import type { Choose } from '../chosen-command.ts';
import { closeAccount, logOut, rotateKeys } from './account-life.ts';
import { exportAccount, importAccount, showKeys, useAccount, whoAmI } from './accounts.ts';
import { runDoctor } from './doctor.ts';
import { registerAccount } from './register.ts';
import { trustUser, verifyUser } from './trust.ts';

export function accountCommands(program: Command, choose: Choose): void {
  program
    .command('register <name>')
    .description('make keys and an account on the server')
    .option('--rsa-key <file>', 'take an RSA-2048 private key in PEM as the encryption key')
    .option('--invite-file <file>', 'read the invitation code from a file, where the server asks for one')
    .action((name: string, options: { readonly rsaKey?: string; readonly inviteFile?: string }) =>
      choose((context) => registerAccount(context, name, options)),
    );
  program
    .command('whoami')
    .description('show the account that commands use')
    .action(() => choose(whoAmI));
  program
    .command('keys')
    .description('list the keys of the account, oldest first')
    .action(() => choose(showKeys));
  program
    .command('use <name>')
    .description('make another of your accounts on this server the default')
    .action((name: string) => choose((context) => useAccount(context, name)));
  program
    .command('doctor')
    .description('say what is wrong with connection, clock and files')
    .action(() => choose(runDoctor));
  program
    .command('verify <name>')
    .description('compare safety numbers with a user, and mark the user as verified')
    .option('--fingerprint <fingerprint>', 'compare with this instead of asking')
    .option('--no-qr', 'show no QR code of the number')
    .action((name: string, options: { readonly fingerprint?: string; readonly qr?: boolean }) =>
      choose((context) => verifyUser(context, name, options)),
    );
  program
    .command('trust <name>')
    .description("accept a user's changed key")
    .action((name: string) => choose((context) => trustUser(context, name)));
  program
    .command('export <file>')
    .description('write keys and pins into a file, under a passphrase of its own')
    .action((file: string) => choose((context) => exportAccount(context, file)));
  program
    .command('import <file>')
    .description('take over an exported account for the server named by --server, or its newer keys')
    .action((file: string) => choose((context) => importAccount(context, file)));
  program
    .command('rotate')
    .description('replace the keys of the account by new ones; old messages stay readable')
    .action(() => choose(rotateKeys));
  program
    .command('logout')
    .description('end the session that the profile keeps')
    .option('--everywhere', 'end all sessions of the account, on all machines')
    .action((options: { readonly everywhere?: boolean }) => choose((context) => logOut(context, options)));
  program
    .command('close-account')
    .description('end the account for ever; its name is never given out again')
    .option('--yes', 'do not ask')
    .action((options: { readonly yes?: boolean }) => choose((context) => closeAccount(context, options)));
}
