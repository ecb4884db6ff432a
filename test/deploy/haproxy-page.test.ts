import { describe, expect, test } from 'vitest';
import { pages } from '../support/web/pages.ts';
import { type BehindHaproxy, behindHaproxy } from './behind-haproxy.ts';

const CACHE_FIELDS = ['cache-control', 'content-encoding', 'content-type', 'etag', 'vary'];

/** What a browser, and what keeps copies on the way, go by. */
async function answerTo(url: string, path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(url.replace(/^ws/, 'http') + path, { headers });
  const fields = CACHE_FIELDS.map((name) => [name, answer.headers.get(name)]);
  return { status: answer.status, body: await answer.text(), fields: Object.fromEntries(fields) };
}

async function scripts({ url }: BehindHaproxy): Promise<readonly string[]> {
  const { body } = await answerTo(url, '/');
  return [...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
}

test('the page passes HAProxy as its gateway sends it, with what says how long it may be kept', async () => {
  await using stage = await behindHaproxy();
  for (const path of ['/', ...(await scripts(stage))]) {
    const direct = await answerTo(stage.gateway.url, path, { 'Accept-Encoding': 'br' });
    const passed = await answerTo(stage.url, path, { 'Accept-Encoding': 'br' });
    expect(passed).toEqual(direct);
    expect(passed.fields).toMatchObject({ etag: expect.any(String) });
    // What is shorter as it is has no coding.
    if (path === '/') expect(passed.fields).toMatchObject({ 'content-encoding': 'br' });
    const again = await answerTo(stage.url, path, {
      'Accept-Encoding': 'br',
      'If-None-Match': passed.fields.etag ?? '',
    });
    expect([again.status, again.body]).toEqual([304, '']);
  }
});

describe('behind HAProxy', () => {
  const web = pages();

  test('two people chat on the page', async () => {
    await using stage = await behindHaproxy();
    const ada = await web.register(stage.url, 'ada');
    await ada.line('/create Lobby');
    await ada.isIn('Lobby');
    const bob = await web.register(stage.url, 'bob', { path: '/#room=Lobby' });
    await bob.isIn('Lobby');
    await bob.line('through the balancer');
    await ada.shows('through the balancer');
    expect([ada.complaints, bob.complaints]).toEqual([[], []]);
  });
});
