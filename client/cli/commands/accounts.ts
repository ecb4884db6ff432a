import { parseUserName } from '../../../src/protocol/names.ts';
import { rememberServer } from '../../profile/default-server.ts';
import { Profile } from '../../profile/profile.ts';
import type { Me } from '../../sdk/api.ts';
import { localError } from '../../sdk/errors.ts';
import { newPassphrase, openAccount, presentPassphrase, profilePassphrase, serverOf } from '../account.ts';
import type { CommandContext } from '../command-context.ts';
import { isoTime, type Output } from '../output.ts';
import { warnIfExposed } from '../secret-file.ts';

export function printIdentity(output: Output, { server, user, id, fingerprint }: Me, said: string): void {
  output.data({ type: 'identity', server, user, id, fingerprint }, `${said}\nfingerprint ${fingerprint}`);
}

export async function whoAmI(context: CommandContext): Promise<void> {
  const { client } = await context.account();
  const me = await client.me();
  printIdentity(context.output, me, `${me.user} at ${me.server}`);
}

export async function showKeys(context: CommandContext): Promise<void> {
  const { client } = await context.account();
  const keys = client.keys();
  await context.output.table(
    ['sequence', 'current', 'created', 'fingerprint'],
    keys.map(({ fingerprint, sequence, createdAt, current }) => ({
      line: { type: 'key', fingerprint, sequence, createdAt: isoTime(createdAt), current },
      cells: [String(sequence), current ? 'yes' : 'no', isoTime(createdAt), fingerprint],
    })),
  );
}

export async function useAccount({ settings, output }: CommandContext, name: string): Promise<void> {
  const user = parseUserName(name);
  if (user === undefined) throw localError('invalid_name', 'bad_user_name');
  const server = await serverOf(settings);
  await new Profile(settings.profileDir).use(server, user);
  await rememberServer(settings.profileDir, server, { overwrite: true });
  output.note(`commands for ${server} now use ${user}`);
}

export async function exportAccount(context: CommandContext, file: string): Promise<void> {
  const { settings, terminal, output } = context;
  const { storage, user } = await context.account();
  const passphrase = await newPassphrase(settings, terminal, 'New passphrase for the exported file: ');
  await new Profile(settings.profileDir).export(storage, file, passphrase);
  if (passphrase === undefined)
    output.note(`warning: ${file} has no passphrase: whoever reads it can act as ${user}`);
  output.data({ type: 'exported', file }, `exported ${user} to ${file}`);
}

export async function importAccount(context: CommandContext, file: string): Promise<void> {
  const { settings, terminal, output } = context;
  const profile = new Profile(settings.profileDir);
  const server = await serverOf(settings);
  await warnIfExposed(output, file, 'import');
  const isSealed = await profile.exportNeedsPassphrase(file);
  const filePassphrase = isSealed
    ? await presentPassphrase(settings, terminal, `Passphrase of ${file}: `)
    : undefined;
  const exported = await profile.openExport(file, filePassphrase);
  const { name: user } = exported.account;
  const isUpdate = await profile.hasKeys(server, user);
  const passphrase = isUpdate
    ? await profilePassphrase(profile, { server, user }, settings, terminal)
    : // What opens the file protects the keys here too, unless it was plain.
      isSealed
      ? filePassphrase
      : await newPassphrase(settings, terminal, 'New passphrase for the keys: ');
  if (isUpdate) await profile.extend(server, exported, passphrase);
  else await profile.import(server, exported, passphrase);
  await rememberServer(settings.profileDir, server, { overwrite: false });
  const account = await openAccount(
    { ...settings, server, user, passphrase: { kind: 'known', passphrase } },
    terminal,
  );
  try {
    const said = isUpdate ? `took the newer keys of ${user}` : `imported ${user}`;
    printIdentity(output, await account.client.me(), `${said} for ${server}`);
  } finally {
    await account.close();
  }
}

/** Starts a profile again whose state is gone; asks first, since nobody's key is known after that. */
export async function recoverProfile(
  { settings, terminal, output }: CommandContext,
  options: { readonly yes?: boolean },
): Promise<void> {
  const profile = new Profile(settings.profileDir);
  const server = await serverOf(settings);
  const user = settings.user ?? (await profile.defaultUser(server));
  if (user === undefined) throw localError('no_profile', 'no_account', { server });
  const passphrase = await profilePassphrase(profile, { server, user }, settings, terminal);
  if (options.yes !== true) {
    output.note('Everybody will be met for the first time again: compare fingerprints again.');
    output.note('Passwords of rooms have to be given again, and messages under earlier ones stay closed.');
    const answer = await terminal.line('Start without the lost state? (yes/no) ', 'give --yes');
    if (!/^y(es)?$/i.test(answer.trim())) return output.note('nothing was changed');
  }
  const outcome = await profile.recover(server, user, passphrase);
  output.data(
    { type: 'recovered', user, changed: outcome === 'given_up' },
    outcome === 'given_up' ? `${user} starts without the lost state` : 'nothing is lost: the state opens',
  );
}
