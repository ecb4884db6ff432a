import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chatTexts } from '../../client/texts/chat-texts.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import type { RequestBody } from '../../src/protocol/requests.ts';
import { faceOf, type Headless } from '../support/chat/headless.ts';
import { eventually } from '../support/eventually.ts';
import { Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

const { about, kept, replaced, title, why } = chatTexts.client.sync;

let theatre: Theatre;
beforeAll(async () => {
  theatre = await Theatre.open();
});
afterEach(() => theatre.hostile.begin());
afterAll(() => theatre[Symbol.asyncDispose]());

const stored = (): readonly RequestBody<'put-state'>[] =>
  theatre.hostile.asked.flatMap((request) => (request.name === 'put-state' ? [request.body] : []));

/** A chat whose settings are on the server, where `damaged` puts a later record in their place that does not open. */
async function settled() {
  const actor = await theatre.actor(theatre.name('Alice'));
  const chat = await faceOf(actor, theatre.hostile.url);
  await actor.client.userState.setIgnored(present(parseUserName('Mallory')), true);
  await actor.client.userState.begin({ levels: new Map(), ignored: new Set<never>() });
  const { version, sequence, data } = present(stored().at(-1));
  const damaged = (ahead: number): void =>
    theatre.hostile.reply('state', () => ({
      state: { version: version + ahead, sequence, data: present(data).slice(0, -1) },
    }));
  return { chat, damaged, version, writes: stored().length };
}

const says = (chat: Headless, text: string): Promise<void> =>
  eventually(() => expect(chat.model.notices.map((notice) => notice.text)).toContain(text));

describe('/sync', () => {
  it('says that nothing is wrong where the server has the same settings, asks the user nothing and the server once', async () => {
    const { chat } = await settled();
    await using _ = chat;
    const reads = (): number => theatre.hostile.asked.filter(({ name }) => name === 'state').length;
    const before = reads();
    await chat.line('/sync');
    expect(reads()).toBe(before + 1);
    await says(chat, kept);
    expect(chat.model.dialog).toBeUndefined();
  });

  it('says what is wrong, and leaves the record alone unless the user agrees', async () => {
    const { chat, damaged, writes } = await settled();
    await using _ = chat;
    damaged(1);
    const line = chat.line('/sync');
    expect(await chat.asked('confirm', title)).toMatchObject({ about: [why.refused, about] });
    chat.application.dialogs.dismiss();
    await line;
    expect(stored()).toHaveLength(writes);
  });

  it('replaces the record that was shown', async () => {
    const { chat, damaged, version } = await settled();
    await using _ = chat;
    damaged(1);
    theatre.hostile.divert('put-state', (body) => {
      theatre.hostile.honest();
      return { ...body, before: version };
    });
    const line = chat.line('/sync');
    await chat.asked('confirm', title);
    chat.application.dialogs.agree();
    await line;
    await says(chat, replaced);
    expect(stored().at(-1)).toMatchObject({ before: version + 1, version: version + 2 });
  });

  it('replaces nothing if the server shows another record once the user has agreed', async () => {
    const { chat, damaged, writes } = await settled();
    await using _ = chat;
    damaged(1);
    const line = chat.line('/sync');
    await chat.asked('confirm', title);
    damaged(2);
    chat.application.dialogs.agree();
    await line;
    await says(chat, why.refused);
    expect(stored()).toHaveLength(writes);
  });
});
