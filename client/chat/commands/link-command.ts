import { type LinkTicket, parseLinkTicket } from '../../sdk/backup/link-ticket.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { texts } from '../../texts/texts.ts';
import type { CommandContext } from './command-context.ts';

const { link: words } = chatTexts;
const DIGITS = /^\d{6}$/;

/** Gives the whole account to a new device that shows a code, once the one who asks has shown that it is theirs. */
export async function linkDevice(context: CommandContext): Promise<void> {
  const { client, dialogs, isOwner, notices } = context;
  const { server, user } = await client.me();
  const gives = words.gives(user, server);
  if (!(await dialogs.confirm(words.title, [gives, '', words.about(server)], words.yes))) return;
  if (!(await isOwner([gives]))) return;
  const ticket = await askForTicket(context);
  if (ticket === undefined) return;
  const handOver = await dialogs.wait({ title: words.meeting, about: [] }, async (signal) => {
    const found = await client.handOver(ticket);
    // Nobody would answer it any more.
    if (signal.aborted) await found.refuse();
    return found;
  });
  if (handOver === undefined) return;
  let digits: string | undefined;
  if (handOver.needsDigits) {
    digits = await askForDigits(context).catch(async (error: unknown) => {
      await handOver.refuse();
      throw error;
    });
    if (digits === undefined) {
      await handOver.refuse();
      notices.say(words.refused);
      return;
    }
  }
  const given = await dialogs.wait({ title: words.giving, about: [words.giving_about] }, async () => {
    await handOver.give(digits);
    return true;
  });
  if (given === true) notices.say(words.given(user));
}

async function askForTicket({ dialogs }: CommandContext): Promise<LinkTicket | undefined> {
  const typed = await dialogs.prompt({
    title: words.code,
    about: [words.code_about],
    fault: (text) => (parseLinkTicket(text) === undefined ? texts.local.link_bad_code : undefined),
  });
  return typed === undefined ? undefined : parseLinkTicket(typed);
}

/** There is one guess: what can be no digits is not taken for it. */
async function askForDigits({ dialogs }: CommandContext): Promise<string | undefined> {
  const digitsIn = (text: string): string => text.replace(/\s/g, '');
  const typed = await dialogs.prompt({
    title: words.digits,
    about: [words.digits_about],
    fault: (text) => (DIGITS.test(digitsIn(text)) ? undefined : words.no_digits),
  });
  return typed === undefined ? undefined : digitsIn(typed);
}
