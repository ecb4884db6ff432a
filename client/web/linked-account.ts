import { grouped } from '../chat/commands/people-commands.ts';
import type { Dialogs } from '../chat/dialogs.ts';
import { confirmedAccount, type Dialling } from '../sdk/backup/fetched-backup.ts';
import { shownLinkCode } from '../sdk/backup/link-ticket.ts';
import { NewDevice } from '../sdk/backup/new-device.ts';
import type { AccountContent } from '../sdk/storage/account-content.ts';
import { webTexts } from '../texts/web-texts.ts';

const { welcome } = webTexts;
const MINE = 'mine';

/**
 * An account that another device hands over, once somebody has seen whose it is: `keep` writes it, and says whether it did. Gives what
 * it kept. Undefined: they went back. Rejects with ConclaveError.
 */
export async function linkedAccount(
  dialogs: Dialogs,
  dialling: Dialling,
  keep: (content: AccountContent) => Promise<boolean>,
): Promise<AccountContent | undefined> {
  const opening = { title: welcome.link_opening, about: [] };
  const device = await dialogs.wait(opening, async (signal) => {
    const opened = await NewDevice.open(dialling);
    if (signal.aborted) await opened.close();
    return opened;
  });
  if (device === undefined) return undefined;
  try {
    const content = await arrived(dialogs, dialling, device);
    if (content === undefined || !(await keep(content))) return undefined;
    // The account is here, whether the other device hears of it or not.
    await dialogs
      .wait({ title: welcome.link_ending, about: [] }, () => device.confirm())
      .catch(() => undefined);
    return content;
  } finally {
    await device.close();
  }
}

async function arrived(
  dialogs: Dialogs,
  dialling: Dialling,
  device: NewDevice,
): Promise<AccountContent | undefined> {
  const digits = await dialogs.wait(
    {
      title: welcome.link_code(shownLinkCode(device.code)),
      about: [welcome.link_code_about(dialling.origin), '', welcome.link_code_type],
      code: device.ticket,
    },
    () => device.digits(),
  );
  if (digits === undefined) return undefined;
  const given = await dialogs.wait(
    { title: welcome.link_digits(digits), about: [welcome.link_digits_about] },
    () => device.account(),
  );
  if (given === undefined) return undefined;
  const { content, fingerprint } = given;
  const answer = await dialogs.page({
    title: welcome.link_yours(content.account.name),
    lines: [...grouped(fingerprint, 8, 4), '', welcome.link_yours_about],
    choices: [{ id: MINE, label: welcome.link_yours_yes }],
  });
  if (answer !== MINE) return undefined;
  return dialogs.wait({ title: welcome.link_checking, about: [] }, () => confirmedAccount(dialling, content));
}
