#!/usr/bin/env node
/**
 * Firefox for Playwright, which expects what Debian's Firefox has not of WebDriver BiDi yet: a command without which it gives up,
 * and names of downloads. Between the two, this answers the one, so that nobody can change what media pages are shown on, and adds
 * the other.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer } from 'ws';

const UNKNOWN_YET = 'emulation.setMediaFeaturesOverride';
const DOWNLOAD = /"method":"browsingContext\.download/;
const LISTENING = /WebDriver BiDi listening on (ws:\/\/\S+)/;

const firefox = spawn('firefox-esr', process.argv.slice(2), { stdio: ['inherit', 'inherit', 'pipe'] });
firefox.once('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => firefox.kill(signal));
createInterface({ input: firefox.stderr }).on('line', (line) => {
  const [, address] = LISTENING.exec(line) ?? [];
  if (address === undefined) process.stderr.write(`${line}\n`);
  else listenBefore(address);
});

function listenBefore(address) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () =>
    process.stderr.write(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}\n`),
  );
  server.on('connection', (driver, { url }) => {
    const browser = new WebSocket(new URL(url, address));
    const opened = new Promise((resolve) => browser.once('open', resolve));
    driver.on('message', async (data) => {
      const { id, method } = JSON.parse(data);
      await opened;
      if (method === UNKNOWN_YET) driver.send(JSON.stringify({ type: 'success', id, result: {} }));
      else browser.send(data.toString());
    });
    browser.on('message', (data) => driver.send(withDownloadNamed(data.toString())));
    driver.once('close', () => browser.close());
    browser.once('close', () => driver.close());
    for (const socket of [driver, browser]) socket.on('error', () => socket.terminate());
  });
}

/** The address of a blob names one download only. */
function withDownloadNamed(message) {
  if (!DOWNLOAD.test(message)) return message;
  const event = JSON.parse(message);
  event.params.download ??= event.params.url;
  return JSON.stringify(event);
}
