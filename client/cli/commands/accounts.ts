import type { UserName } from '../../../src/protocol/names.ts';
import { rememberServer } from '../../profile/default-server.ts';
import { Profile } from '../../profile/profile.ts';
import type { Me } from '../../sdk/api.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import {
  chosenAccount,
  newPassphrase,
  openAccount,
  presentPassphrase,
  profilePassphrase,
  serverOf,
} from '../account.ts';
import type { CommandContext } from '../command-context.ts';
import { isoTime, type Output } from '../output.ts';
import { warnIfExposed } from '../secret-file.ts';
import type { Settings } from '../settings.ts';
import { insistOnYes, type SureOptions } from '../sure.ts';

export function printIdentity(output: Output, { server, user, id, fingerprint }: Me, said: string): void {
  output.data(
    { type: 'identity', server, user, id, fingerprint },
    cliTexts.said.identity({ said, fingerprint }),
  );
}

export async function whoAmI(context: CommandContext): Promise<void> {
  const { client } = await context.account();
  const me = await client.me();
  printIdentity(context.output, me, cliTexts.said.account(me));
}

export async function showKeys(context: CommandContext): Promise<void> {
  const { client } = await context.account();
  const keys = client.keys();
  await context.output.table(
    ['sequence', 'current', 'created', 'fingerprint'],
    keys.map(({ fingerprint, sequence, createdAt, current }) => ({
      line: { type: 'key', fingerprint, sequence, createdAt: isoTime(createdAt), current },
      cells: [String(sequence), current ? texts.words.yes : texts.words.no, isoTime(createdAt), fingerprint],
    })),
  );
}

export async function useAccount({ settings, output }: CommandContext, user: UserName): Promise<void> {
  const server = await serverOf(settings);
  await new Profile(settings.profileDir).use(server, user);
  await rememberServer(settings.profileDir, server, { overwrite: true });
  output.note(cliTexts.said.uses({ user, server }));
}

export async function exportAccount(context: CommandContext, file: string): Promise<void> {
  const { settings, terminal, output } = context;
  const { storage, user } = await context.account();
  const passphrase = await newPassphrase(settings, terminal, cliTexts.asked.new_passphrase_of_export);
  await new Profile(settings.profileDir).export(storage, file, passphrase);
  if (passphrase === undefined) output.note(filled(cliTexts.said.export_unprotected, { file, user }));
  output.data({ type: 'exported', file }, filled(cliTexts.said.exported, { user, file }));
}

export async function importAccount(context: CommandContext, file: string): Promise<void> {
  const { settings, terminal, output } = context;
  const profile = new Profile(settings.profileDir);
  const server = await serverOf(settings);
  await warnIfExposed(output, file, 'import');
  const sealed = await profile.readExport(file);
  const filePassphrase = sealed.needsPassphrase
    ? await presentPassphrase(settings, terminal, filled(cliTexts.asked.passphrase_of_file, { file }))
    : undefined;
  const exported = await sealed.open(filePassphrase);
  const { name: user } = exported.account;
  const isUpdate = await profile.hasKeys(server, user);
  // A pipe gives it once.
  const read: Settings =
    settings.passphrase.kind === 'file' && sealed.needsPassphrase
      ? { ...settings, passphrase: { kind: 'known', passphrase: filePassphrase } }
      : settings;
  const passphrase = isUpdate
    ? await profilePassphrase(profile, { server, user }, read, terminal)
    : // What opens the file protects the keys here too, unless it was plain.
      sealed.needsPassphrase
      ? filePassphrase
      : await newPassphrase(settings, terminal, cliTexts.asked.new_passphrase);
  if (isUpdate) await profile.extend(server, exported, passphrase);
  else await profile.import(server, exported, passphrase);
  await rememberServer(settings.profileDir, server, { overwrite: false });
  const account = await openAccount(
    { ...settings, server, user, passphrase: { kind: 'known', passphrase } },
    terminal,
  );
  try {
    const said = cliTexts.said[isUpdate ? 'took_newer_keys' : 'imported']({ user, server });
    printIdentity(output, await account.client.me(), said);
  } finally {
    await account.close();
  }
}

/** Starts a profile again whose state is gone; asks first, since nobody's key is known after that. */
export async function recoverProfile(
  { settings, terminal, output }: CommandContext,
  options: SureOptions,
): Promise<void> {
  const { profile, server, user } = await chosenAccount(settings);
  const passphrase = await profilePassphrase(profile, { server, user }, settings, terminal);
  if (options.yes !== true) {
    output.note(cliTexts.said.recover_people);
    output.note(cliTexts.said.recover_passwords);
  }
  await insistOnYes(terminal, options, cliTexts.asked.recover);
  const outcome = await profile.recover(server, user, passphrase);
  output.data(
    { type: 'recovered', user, changed: outcome === 'given_up' },
    outcome === 'given_up' ? filled(cliTexts.said.recovered, { user }) : cliTexts.said.nothing_lost,
  );
}
