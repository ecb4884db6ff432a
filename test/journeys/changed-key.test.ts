import { describe, expect, onTestFinished, test } from 'vitest';
import { PageRelay } from '../../client/cli/relay/page-relay.ts';
import { readWebPage } from '../../src/page/web-page.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { newIdentityOf, swapKeys } from '../support/hostile/swap-keys.ts';
import { Theatre } from '../support/hostile/theatre.ts';
import { startNewChat } from '../support/terminal/chat-terminal.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

const KEY_CHANGED = 'key of bob changed: sending stopped, /verify or /trust';

/** The digits of the safety number that is shown, below its title: a port has five digits too. */
const digitsIn = (shown: string): string =>
  (shown.replace(/^.*Safety number with (?:ada|bob)/s, '').match(/\b\d{5}\b/g) ?? []).join('');

/** Opens the page about the safety number with Bob. */
async function compared(ada: PageUser): Promise<string> {
  await ada.line('/verify bob');
  const dialog = ada.page.getByRole('dialog', { name: 'Safety number with bob' });
  await dialog.waitFor();
  return (await dialog.textContent()) ?? '';
}

describe('a contact whose key is not the one before', () => {
  const web = pages();

  test('is warned of on the page, gets nothing until the number is the one that stands on his own terminal, and then what was held back', async () => {
    const theatre = await Theatre.open();
    onTestFinished(() => theatre[Symbol.asyncDispose]());
    const { gateway, hostile } = theatre;
    await using terminal = await startNewChat({
      ...{ server: gateway.url, profile: theatre.profile('bob'), user: 'bob', columns: 100, rows: 40 },
    });
    await terminal.line('/create Trusting');
    await terminal.shows(/^ Trusting {2}open room/);
    const eve = await theatre.actor('eve', { honestly: true });
    await eve.client.join('Trusting');
    const members = await (await eve.client.room('Trusting')).members();
    const bob = members.find(({ user }) => user === 'bob') ?? expect.unreachable();

    // From the first contact on, the server shows a key of its own as Bob's.
    swapKeys(hostile, bob.id, await newIdentityOf(bob.user));
    const server = parseOrigin(hostile.url) ?? expect.unreachable();
    const assets = readWebPage() ?? expect.unreachable('run npm run build first');
    const relay = await PageRelay.open({ server, assets, port: 0 });
    onTestFinished(() => relay.close());
    const { hash, origin } = new URL(relay.address);
    const ada = await web.register(origin, 'ada', { path: `/${hash}` });
    await ada.line('/join Trusting');
    await ada.isIn('Trusting');
    await ada.line('into the wrong hands');
    await ada.shows('into the wrong hands');
    await ada.log.locator('.echo').waitFor({ state: 'detached' });

    await terminal.line('/verify ada');
    const onTerminal = digitsIn(await terminal.shows('Safety number with ada'));
    expect(onTerminal).toHaveLength(60);
    expect(digitsIn(await compared(ada))).not.toBe(onTerminal);
    await ada.button('Close').click();

    hostile.honest();
    await ada.page.reload();
    await ada.page.getByText(KEY_CHANGED).waitFor();
    await ada.page
      .getByRole('complementary')
      .getByRole('button', { name: /bob.*key changed/ })
      .waitFor();
    const sent = hostile.count('send');
    await ada.line('to whom?');
    await ada.log.getByText(/^not sent: the key of bob is not the one that you saw/).waitFor();
    expect(hostile.count('send')).toBe(sent);

    const shown = await compared(ada);
    expect(shown).toContain('KEY CHANGED, not accepted');
    expect(digitsIn(shown)).toBe(onTerminal);
    await ada.button('it is the same: accept and mark verified').click();
    await ada.page.getByText('bob is verified').waitFor();
    await ada.page.getByText(KEY_CHANGED).waitFor({ state: 'detached' });
    await ada.button('Send again').click();
    await terminal.keys('Escape');
    await terminal.shows('to whom?');
    expect(ada.complaints).toEqual([]);
  });
});
