import { rememberServer } from '../../profile/default-server.ts';
import { Profile } from '../../profile/profile.ts';
import { confirmedAccount } from '../../sdk/backup/fetched-backup.ts';
import { type LinkTicket, parseLinkTicket, shownLinkCode } from '../../sdk/backup/link-ticket.ts';
import { NewDevice } from '../../sdk/backup/new-device.ts';
import { localError } from '../../sdk/errors.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { newPassphrase, serverOf } from '../account.ts';
import { asked, type CommandContext } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { showQr } from '../show-qr.ts';
import { type AgreementOptions, agreed, diallingTo, readCodeFile } from './arriving-account.ts';

export interface LinkOptions extends AgreementOptions {
  readonly give?: boolean;
  readonly codeFile?: string;
  readonly qr?: boolean;
}

export function linkDevice(context: CommandContext, options: LinkOptions): Promise<void> {
  return options.give === true ? give(context, options.codeFile) : take(context, options);
}

/** On the new device: nothing is written before a person has seen whose account it is. */
async function take(context: CommandContext, options: LinkOptions): Promise<void> {
  const { settings, terminal, output } = context;
  const server = await serverOf(settings);
  const dialling = diallingTo(server);
  const device = await asked(context, () => NewDevice.open(dialling));
  try {
    const shown = shownLinkCode(device.code);
    output.data(
      { type: 'link', server, code: shown, ticket: device.ticket },
      cliTexts.said.link_waiting({ server, code: shown }),
    );
    if (options.qr !== false) showQr(context, device.ticket);
    const digits = await device.digits();
    output.data({ type: 'link-digits', digits }, filled(cliTexts.said.link_digits, { digits }));
    const arrived = await device.account();
    const user = arrived.content.account.name;
    const { fingerprint } = arrived;
    await agreed(context, { user, fingerprint }, options, {
      shown: [user, fingerprint],
      question: cliTexts.asked.own_account,
    });
    const profile = new Profile(settings.profileDir);
    if (await profile.hasKeys(server, user))
      throw localError('profile_exists', 'keys_exist', { user, server });
    const content = await asked(context, () => confirmedAccount(dialling, arrived.content));
    const prompt = filled(cliTexts.asked.new_passphrase_of, { user });
    await profile.import(server, content, await newPassphrase(settings, terminal, prompt));
    await rememberServer(settings.profileDir, server, { overwrite: false });
    await device.confirm();
    output.data(
      { type: 'linked', server, user, id: arrived.user, fingerprint },
      cliTexts.said.identity({
        said: cliTexts.said.linked({ user, server }),
        fingerprint,
      }),
    );
  } finally {
    await device.close();
  }
}

/** On the device that has the account, whose passphrase opened it just now. */
async function give(context: CommandContext, file: string | undefined): Promise<void> {
  const { terminal, output } = context;
  const client = await context.connected();
  const { user, server } = await client.me();
  output.note(filled(cliTexts.said.link_gives, { user, server }));
  const ticket = await readTicket(context, file);
  const handOver = await client.handOver(ticket);
  const digits = handOver.needsDigits
    ? await terminal
        .line(cliTexts.asked.link_digits, cliTexts.usage.give_ticket_file)
        .catch(async (error: unknown) => {
          await handOver.refuse();
          throw error;
        })
    : undefined;
  await handOver.give(digits);
  output.data({ type: 'link-given', user }, filled(cliTexts.said.link_given, { user }));
}

async function readTicket(context: CommandContext, file: string | undefined): Promise<LinkTicket> {
  const text =
    file === undefined
      ? await context.terminal.line(cliTexts.asked.link_code, cliTexts.usage.give_ticket_file)
      : await readCodeFile(context, file);
  const ticket = parseLinkTicket(text);
  if (ticket === undefined) throw usage(texts.local.link_bad_code);
  return ticket;
}
