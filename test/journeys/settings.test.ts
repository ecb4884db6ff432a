import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { axeFaults } from '../support/web/axe-faults.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

const PASSPHRASE = 'four unlikely words here';

/** In place of what the system shows: what the page wants shown, in `globalThis.told`. */
const RECORDED_NOTIFICATIONS = `
  globalThis.told = [];
  globalThis.Notification = class extends EventTarget {
    static permission = 'default';
    static async requestPermission() {
      this.permission = globalThis.answer ?? 'granted';
      return this.permission;
    }
    constructor(title, { body }) {
      super();
      globalThis.told.push(title + ': ' + body);
    }
    close() {}
  };
  document.hasFocus = () => globalThis.isAway !== true;
`;

async function openSettings({ page }: PageUser): Promise<void> {
  await page.getByLabel('Menu').click();
  await page.getByRole('button', { name: 'Settings …' }).click();
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
}

async function closeSettings(user: PageUser): Promise<void> {
  await user.button('Close').click();
  await user.page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function leave({ page }: PageUser, isAway: boolean): Promise<void> {
  await page.evaluate(
    `globalThis.isAway = ${isAway}; dispatchEvent(new Event('${isAway ? 'blur' : 'focus'}'))`,
  );
}

describe('the page', () => {
  const web = pages();

  test('shows of what it is made, as the gateway prints it', async () => {
    const stage = await web.scene();
    const ada = await web.register(stage.gateway.url, 'ada');
    const printed = await promisify(execFile)(process.execPath, ['dist/src/main.js', '--web-digest']);
    await ada.page.getByLabel('Menu').click();
    await ada.button('About this page').click();
    const about = ada.page.getByRole('dialog', { name: 'About this page' });
    await about.waitFor();
    const shown =
      ((await about.textContent()) ?? '').match(/[0-9a-f]{64} {2}\/(?:[\w-]+\.(?:css|js))?/g) ?? [];
    expect(shown.length).toBeGreaterThan(10);
    for (const name of ['/', '/main-', '/style-'])
      expect(shown.filter((line) => line.includes(`  ${name}`))).not.toEqual([]);
    expect(printed.stdout.split('\n')).toEqual(expect.arrayContaining(shown));
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.page.setViewportSize({ width: 320, height: 560 });
    expect(await ada.page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(ada.complaints).toEqual([]);
  });
});

describe('the settings of the page', () => {
  const web = pages();

  test('count at once and after a reload, and have nothing that axe finds fault with', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await openSettings(ada);
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.page.getByLabel('Colours').selectOption('dark');
    const scheme = (): Promise<unknown> =>
      ada.page.evaluate('getComputedStyle(document.documentElement).colorScheme');
    await eventually(async () => expect(await scheme()).toBe('dark'));
    await ada.page.getByLabel('Others see when I am typing').uncheck();
    await ada.page.getByLabel('Notify me of messages in Lobby').selectOption('none');
    // Keys without a passphrase are locked by nothing.
    expect(await ada.page.getByLabel('Lock when nobody is here').isDisabled()).toBe(true);
    // Wherever the focus is, no shortcut opens anything over them.
    await ada.page.getByRole('heading', { name: 'Settings' }).click();
    await ada.page.keyboard.press('Control+k');
    await closeSettings(ada);
    await ada.page.reload();
    await ada.isIn('Lobby');
    expect(await scheme()).toBe('dark');
    await openSettings(ada);
    expect(await ada.page.getByLabel('Others see when I am typing').isChecked()).toBe(false);
    expect(await ada.page.getByLabel('Notify me of messages in Lobby').inputValue()).toBe('none');
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(ada.complaints).toEqual([]);
  });

  test('show notifications only where somebody allowed them and does not look, without names if wished', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.open(stage.gateway.url);
    await ada.page.addInitScript(RECORDED_NOTIFICATIONS);
    await ada.makeAccount('ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    const told = (): Promise<unknown> => ada.page.evaluate('globalThis.told');

    await openSettings(ada);
    await ada.page.evaluate("globalThis.answer = 'denied'");
    await ada.page.getByLabel('Show notifications').click();
    await ada.page.getByText('The browser does not let this page show them').waitFor();
    await ada.page.evaluate("globalThis.answer = 'granted'; Notification.permission = 'default'");
    await ada.page.getByLabel('Show notifications').check();
    await ada.page.getByLabel('Notify me of messages in Lobby').selectOption('all');
    await closeSettings(ada);

    await stage.done('carol', 'send', 'Lobby', 'while she looks');
    await ada.shows('while she looks');
    await leave(ada, true);
    await stage.done('carol', 'send', 'Lobby', 'while she is away');
    await eventually(async () => expect(await told()).toEqual(['Lobby: carol wrote in Lobby']));
    await eventually(async () => expect(await ada.page.title()).toMatch(/^\(\d+\) Lobby/));
    await leave(ada, false);

    await openSettings(ada);
    await ada.page.getByLabel('Notifications without names').check();
    await closeSettings(ada);
    await leave(ada, true);
    // One room is told of again after a pause.
    await eventually(
      async () => {
        await stage.done('carol', 'send', 'Lobby', 'once more');
        expect(await told()).toContain('Conclave: There is a new message for you.');
      },
      { pauseMs: 1_000 },
    );
    expect(ada.complaints).toEqual([]);
  });

  test('lock an account that nobody uses, which its passphrase opens with what was typed', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.open(stage.gateway.url);
    // A browser that asks somebody whether to keep what is stored may never get an answer.
    await ada.page.addInitScript('navigator.storage.persist = () => new Promise(() => undefined)');
    await ada.page.clock.install();
    await ada.makeAccount('ada', { path: '/#room=Lobby', passphrase: PASSPHRASE });
    await ada.isIn('Lobby');
    await openSettings(ada);
    await ada.page.getByLabel('Lock when nobody is here').selectOption('after 5 minutes');
    await closeSettings(ada);
    await ada.input.fill('half of a sentence');
    await ada.page.clock.fastForward('04:00');
    expect(await ada.input.inputValue()).toBe('half of a sentence');
    await ada.page.clock.fastForward('05:10');
    await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, PASSPHRASE);
    await ada.isIn('Lobby');
    await eventually(async () => expect(await ada.input.inputValue()).toBe('half of a sentence'));
  });
});
