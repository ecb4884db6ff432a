import { describe, expect, onTestFinished, test } from 'vitest';
import { PageRelay } from '../../client/cli/relay/page-relay.ts';
import { readWebPage } from '../../src/page/web-page.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';
import { startChat } from '../support/terminal/chat-terminal.ts';
import { axeFaults } from '../support/web/axe-faults.ts';
import { pages } from '../support/web/pages.ts';

const SAID = 'said while the server was there';

/** Opened messages that the browser keeps. */
const KEPT = `new Promise((done, failed) => {
  const opening = indexedDB.open('conclave');
  opening.onerror = failed;
  opening.onsuccess = () => {
    const counting = opening.result.transaction('entries').objectStore('entries').count();
    counting.onsuccess = () => {
      opening.result.close();
      done(counting.result);
    };
  };
})`;

async function sceneOnOnePort(): Promise<CliScene> {
  const stage = await CliScene.with({ PORT: String(await freePort()) });
  onTestFinished(() => stage[Symbol.asyncDispose]());
  await stage.done('carol', 'register', 'carol');
  await stage.done('carol', 'create', 'Lobby');
  return stage;
}

describe('while the server is away', () => {
  const web = pages();

  test('the page of conclave web is loaded, shows what it kept, and goes on once the server is back', async () => {
    const stage = await sceneOnOnePort();
    const server = parseOrigin(stage.gateway.url) ?? expect.unreachable();
    const assets = readWebPage() ?? expect.unreachable('run npm run build first');
    const relay = await PageRelay.open({ server, assets, port: 0 });
    onTestFinished(() => relay.close());
    const { hash, origin } = new URL(relay.address);
    const ada = await web.register(origin, 'ada', {
      path: `/${hash}`,
      passphrase: 'four unlikely words here',
    });
    await ada.line('/join Lobby');
    await ada.isIn('Lobby');
    await stage.done('carol', 'send', 'Lobby', SAID);
    await ada.shows(SAID);
    await eventually(async () => expect(await ada.page.evaluate(KEPT)).toBeGreaterThan(0));
    await stage.gateway.kill();

    await ada.page.reload();
    await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, 'four unlikely words here');
    await ada.shows(SAID);
    await ada.page.getByText('not connected: kept messages').waitFor();
    await ada.page.getByText(/^Not connected yet: .*This is what was kept here/).waitFor();
    await ada.page.getByText(/offline, next try in/).waitFor();
    expect(await axeFaults(ada.page)).toEqual([]);
    await ada.line('is anybody there?');
    await ada.page.getByText('not connected yet: nothing can be done in Lobby').waitFor();
    expect(await ada.input.inputValue()).toBe('is anybody there?');

    await stage.restart();
    await ada.isIn('Lobby');
    await ada.page.getByText(/^Not connected yet/).waitFor({ state: 'detached' });
    expect(await ada.log.getByText(SAID, { exact: true }).count()).toBe(1);
    await ada.input.press('Enter');
    await ada.shows('is anybody there?');
  });

  test('the page says in its status line that the server keeps it waiting, for as long as it does', async () => {
    const stage = await sceneOnOnePort();
    const ada = await web.register(stage.gateway.url, 'ada');
    await ada.line('/join Lobby');
    await ada.isIn('Lobby');
    stage.gateway.pause();
    onTestFinished(() => stage.gateway.resume());
    await ada.line('is anybody there?');
    const status = ada.page.getByRole('status').getByText('the server has not answered yet');
    await status.waitFor();
    expect(await axeFaults(ada.page)).toEqual([]);
    stage.gateway.resume();
    await status.waitFor({ state: 'detached' });
    await ada.shows('is anybody there?');
  });

  test('the full-screen client shows what it kept, ends when it is told to, and goes on once the server is back', async () => {
    const stage = await sceneOnOnePort();
    await stage.done('ada', 'register', 'ada');
    await stage.done('ada', 'join', 'Lobby');
    await stage.done('carol', 'send', 'Lobby', SAID);
    await stage.done('ada', 'tail', 'Lobby');
    const { url } = stage.gateway;
    const options = { server: url, profile: `${stage.folder}/profile`, user: 'ada', columns: 110, rows: 30 };
    await stage.gateway.kill();
    {
      await using terminal = startChat(options);
      await terminal.shows(SAID);
      await terminal.shows(/^ Lobby {2}not connected: kept messages/m);
      await terminal.shows('Not connected yet: nothing answers at');
      await terminal.line('/quit');
      await terminal.ended();
    }
    await using terminal = startChat(options);
    await terminal.shows(SAID);
    await stage.restart();
    await terminal.shows(/^ Lobby {2}open room/m);
    await terminal.showsNoMore('Not connected yet');
    await terminal.line('back again');
    await terminal.shows(/ada✓ back again/);
  });
});
