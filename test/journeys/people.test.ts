import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { textsOf } from '../support/cluster/cli-scene.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';
import { pages } from '../support/web/pages.ts';

describe('people in front of the page', () => {
  const web = pages();

  test('talk with each other and a terminal over two gateways, and go on where one of them was killed while somebody typed', async () => {
    await using cluster = await startCluster({ gateways: 1 });
    const second = { PORT: String(await freePort()) };
    const gateway = await cluster.add(second);
    const [first] = cluster.gateways;
    const urls = [first?.url ?? expect.unreachable(), gateway.url] as const;
    const folder = await mkdtemp(join(tmpdir(), 'conclave-journey-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const carol = (...args: readonly string[]): Promise<CliResult> =>
      command(['--server', urls[0], '--profile', folder, '--user', 'carol', '--no-passphrase', ...args]);
    expect(await carol('register', 'carol')).toMatchObject({ code: 0 });
    expect(await carol('create', 'Lobby')).toMatchObject({ code: 0 });
    const ada = await web.register(urls[0], 'ada', { path: '/#room=Lobby' });
    const bob = await web.register(urls[1], 'bob', { path: '/#room=Lobby' });
    for (const each of [ada, bob]) await each.isIn('Lobby');
    await ada.line('from the first gateway');
    await bob.shows('from the first gateway');
    await bob.line('from the second gateway');
    await ada.shows('from the second gateway');
    expect(await carol('send', 'Lobby', 'from a terminal')).toMatchObject({ code: 0 });
    for (const each of [ada, bob]) await each.shows('from a terminal');

    await bob.input.pressSequentially('half a ');
    await gateway.kill();
    await bob.page.getByText(/offline, next try in/).waitFor();
    await bob.input.pressSequentially('sentence');
    await bob.input.press('Enter');
    await bob.page.getByText('1 pending').waitFor();
    await cluster.add(second);
    await ada.shows('half a sentence');
    await bob.page.getByText('1 pending').waitFor({ state: 'detached' });
    const told = await carol('tail', 'Lobby', '--since', 'all', '--json');
    expect(textsOf(told)).toEqual([
      ...['from the first gateway', 'from the second gateway', 'from a terminal', 'half a sentence'],
    ]);
    expect(ada.complaints).toEqual([]);
  });

  test('enter a room with a password, and see the safety number that the terminal shows', async () => {
    const stage = await web.scene('carol');
    const secret = join(stage.folder, 'secret');
    await writeFile(secret, 'correct horse\n', { mode: 0o600 });
    await stage.done('carol', 'create', 'Vault', '--password-file', secret);
    const ada = await web.register(stage.gateway.url, 'ada');
    await ada.line('/join Vault');
    await ada.answer("Vault is locked, or doesn't exist. Password:", 'battery staple');
    await ada.page.getByText("wrong password, or there's no room called Vault").waitFor();
    await ada.line('/join Vault');
    await ada.answer("Vault is locked, or doesn't exist. Password:", 'correct horse');
    await ada.isIn('Vault');
    await stage.done('carol', 'send', 'Vault', 'between us');
    await ada.shows('between us');

    await ada.page.getByRole('complementary').getByRole('button', { name: /carol/ }).click();
    const dialog = ada.page.getByRole('dialog', { name: 'Safety number with carol' });
    await dialog.waitFor();
    const [shown = ''] = ((await dialog.textContent()) ?? '').replaceAll(/\s/g, '').match(/\d{60}/) ?? [];
    const number = (await stage.done('carol', 'verify', 'ada', '--json')).json[0]?.['number'];
    expect(String(number).replaceAll(/\s/g, '')).toBe(shown);
    await ada.button('it is the same: mark verified').click();
    await ada.page
      .getByRole('complementary')
      .getByRole('button', { name: /carol.*verified/ })
      .waitFor();
    expect(ada.complaints).toEqual([]);
  });

  test('moderate a room, and are told when they are put out', async () => {
    const stage = await web.scene('carol');
    const ada = await web.register(stage.gateway.url, 'ada');
    await ada.line('/create Lobby');
    await ada.isIn('Lobby');
    const bob = await web.register(stage.gateway.url, 'bob', { path: '/#room=Lobby' });
    await bob.isIn('Lobby');
    await stage.done('carol', 'join', 'Lobby');
    await bob.line('something rude');
    await ada.shows('something rude');
    await ada.line('/remove off topic');
    await ada.button('remove it').click();
    for (const each of [ada, bob]) await each.log.getByText(/^removed by ada, owner/).waitFor();
    await ada.line('/grant carol');
    await ada.log.getByText('carol is now a moderator').waitFor();
    await ada.line('/kick bob enough for today');
    await bob.log.getByText(/you were kicked from this room.*enough for today/).waitFor();
    await bob.line('/join Lobby');
    await bob.isIn('Lobby');
    await stage.done('carol', 'room', 'ban', 'Lobby', 'bob');
    await bob.log.getByText(/you were banned from this room/).waitFor();
    await bob.line('/join Lobby');
    await bob.page.getByText(/you are banned from/).waitFor();
    expect([ada.complaints, bob.complaints]).toEqual([[], []]);
  });

  test('run nothing of a script that somebody put into the page on its way', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.open(stage.gateway.url);
    // A page that the test alters on its way comes from nowhere for the browser, which keeps that from this machine.
    await ada.page.context().grantPermissions(['local-network-access']);
    await ada.page.addInitScript(
      "globalThis.broken = []; document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => broken.push(violatedDirective))",
    );
    await ada.page.route(/\/(#.*)?$/, async (route) => {
      const response = await route.fetch();
      const injected =
        '<script>globalThis.hurt = 1</script><script src="https://evil.example/x.js"></script>';
      const body = (await response.text()).replace(
        '</body>',
        `${injected}<img src=x onerror="hurt = 1"></body>`,
      );
      await route.fulfill({ response, body });
    });
    await ada.makeAccount('ada', { path: '/#room=Lobby' });
    await ada.isIn('Lobby');
    await ada.line('still here');
    await eventually(async () =>
      expect(textsOf(await stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--json'))).toEqual([
        'still here',
      ]),
    );
    expect(await ada.page.evaluate("document.body.innerHTML.includes('hurt = 1')")).toBe(true);
    expect(await ada.page.evaluate('globalThis.hurt')).toBeUndefined();
    expect(await ada.page.evaluate('[...new Set(broken)].sort()')).toEqual([
      ...['script-src-attr', 'script-src-elem'],
    ]);
  });
});
