import { expect, test } from 'vitest';
import { textsOf } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import type { DrivenPage } from '../support/web/driven-page.ts';
import type { Pages } from '../support/web/pages.ts';

/** Whatever a page should not do: it says so to the console, throws and rejects unheard, and loads from elsewhere. */
const MISDEEDS = `(
  console.warn('said to the console'),
  setTimeout(() => { throw new Error('thrown and not caught'); }),
  void Promise.reject(new Error('rejected and not handled')),
  document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:1/elsewhere.png' }))
)`;

/** The colours of the scrollbars of whatever is inside the page, and those of a line on its ground, which they should have. */
const coloursIn = (theme: string): string => `(() => {
  document.documentElement.dataset.theme = '${theme}';
  const probe = document.body.appendChild(document.createElement('div'));
  probe.style.color = 'var(--line)';
  probe.style.backgroundColor = 'var(--ground)';
  const { backgroundColor, color, scrollbarColor } = getComputedStyle(probe);
  const meant = color + ' ' + backgroundColor;
  probe.remove();
  return (CSS.supports('scrollbar-color', 'red blue') ? scrollbarColor : meant) + ' | ' + meant;
})()`;

/** Of each notice but the first, whether it begins where the one before it ends, or further down. */
const NOTICES_BELOW = `[...document.querySelectorAll('.notices p')]
  .map((notice) => notice.getBoundingClientRect())
  .flatMap(({ top }, index, all) => (index === 0 ? [] : [Math.round(top) >= Math.round(all[index - 1].bottom)]))`;

/** What the page does in any browser. */
export function pageTests<Driven extends DrivenPage>(web: Pages<Driven>): void {
  test('reports to its tests what it writes to the console, throws, or is refused by its policy', async () => {
    const stage = await web.scene();
    const ada = await web.open(stage.gateway.url);
    const { complaints, page } = ada;
    await ada.button('New account').waitFor();
    expect(complaints).toEqual([]);
    await page.evaluate(MISDEEDS);
    for (const misdeed of [
      /said to the console/,
      /thrown and not caught/,
      /rejected and not handled/,
      /elsewhere\.png.*Content.Security.Policy|Content.Security.Policy.*elsewhere\.png/s,
    ])
      await eventually(() => expect(complaints).toContainEqual(expect.stringMatching(misdeed)));
  });

  test('gives scrollbars the colours of its theme, where an engine colours them', async () => {
    const stage = await web.scene();
    const { page } = await web.open(stage.gateway.url);
    await page.getByRole('button', { name: 'New account' }).waitFor();
    const seen = new Set<string>();
    for (const theme of ['light', 'dark']) {
      const [bars, meant = ''] = String(await page.evaluate(coloursIn(theme))).split(' | ');
      expect([theme, bars]).toEqual([theme, meant]);
      seen.add(meant);
    }
    expect(seen.size).toBe(2);
  });

  test('puts one notice below the other', async () => {
    const stage = await web.scene('carol');
    const ada = await web.register(stage.gateway.url, 'ada');
    await stage.done('carol', 'create', 'Hidden');
    await stage.done('carol', 'invite', 'Hidden', 'ada');
    await ada.page.getByText('carol invites you').waitFor();
    await ada.line('/decline Hidden');
    await ada.page.getByText('declined Hidden').waitFor();
    expect(await ada.page.evaluate(NOTICES_BELOW)).toEqual([true]);
  });

  test('talks with a terminal and another page, and is there again after a reload', async () => {
    const stage = await web.scene('carol');
    const ada = await web.register(stage.gateway.url, 'ada', { passphrase: 'four unlikely words here' });
    await ada.line('/create Lobby');
    await ada.isIn('Lobby');
    const bob = await web.register(stage.gateway.url, 'bob', { path: '/#room=Lobby' });
    await bob.isIn('Lobby');
    await stage.done('carol', 'join', 'Lobby');
    await stage.done('carol', 'send', 'Lobby', 'from the terminal');
    for (const each of [ada, bob]) await each.shows('from the terminal');
    await bob.line('from the other page');
    await ada.shows('from the other page');
    await ada.line('from the first page');
    await bob.shows('from the first page');
    expect(textsOf(await stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--json'))).toEqual([
      'from the terminal',
      'from the other page',
      'from the first page',
    ]);

    await ada.page.reload();
    await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, 'not this one');
    await ada.page.getByText('wrong passphrase').waitFor();
    await ada.answer(`Passphrase of ada at ${stage.gateway.url}`, 'four unlikely words here');
    await ada.shows('from the other page');
    expect([ada.complaints, bob.complaints]).toEqual([[], []]);
  });

  test('forgets what asks for it once it was shown that long, also after a reload', async () => {
    const stage = await web.scene('carol');
    const ada = await web.register(stage.gateway.url, 'ada');
    await ada.line('/create Lobby');
    await ada.isIn('Lobby');
    await stage.done('carol', 'join', 'Lobby');
    await stage.done('carol', 'send', 'Lobby', 'the code is 4711', '--disappear', '10s');
    await ada.shows('the code is 4711');
    await ada.shows('this message has disappeared');
    await ada.line('/disappear room 1d');
    await ada.log.getByText('ada set messages here to disappear 1d after they were shown').waitFor();
    await ada.page.getByText('what you write disappears after 1d').waitFor();
    await stage.done('carol', 'send', 'Lobby', 'in a day');
    await ada.shows('[disappears after 1d]');
    await ada.line('/disappear 1h');
    await ada.page.getByText('what you write disappears after 1h').waitFor();
    await ada.line('in an hour');
    await ada.shows('[disappears after 1h]');
    await ada.page.reload();
    await ada.isIn('Lobby');
    await ada.shows('this message has disappeared');
    expect(await ada.page.content()).not.toContain('4711');
    await ada.page.getByText('what you write disappears after 1h').waitFor();
    expect(ada.complaints).toEqual([]);
  });

  test('does nothing that a hostile text asks for, and keeps its own policy', async () => {
    const stage = await web.scene('mallory');
    await stage.done('mallory', 'create', 'Lobby');
    const hostile = [
      '<img src=x onerror="globalThis.hurt = 1">',
      '</p></article><script>globalThis.hurt = 1</script>',
      '<a href="javascript:globalThis.hurt = 1">javascript:globalThis.hurt=1</a>',
      '\u202egnp.exe\u202c <svg onload=globalThis.hurt=1>',
      'https://example.org/"onmouseover="globalThis.hurt=1',
    ];
    const ada = await web.register(stage.gateway.url, 'ada', { path: '/#room=Lobby' });
    await ada.page.evaluate(
      "(globalThis.broken = [], document.addEventListener('securitypolicyviolation', ({ blockedURI, violatedDirective }) => broken.push(violatedDirective + ' ' + blockedURI)))",
    );
    await ada.isIn('Lobby');
    for (const text of hostile) await stage.done('mallory', 'send', 'Lobby', text);
    await ada.shows('<img src=x onerror="globalThis.hurt = 1">');
    await ada.shows('</p></article><script>globalThis.hurt = 1</script>');
    await eventually(async () => expect(await ada.log.locator('article').count()).toBe(hostile.length));
    expect(await ada.page.evaluate('globalThis.hurt')).toBeUndefined();
    expect(await ada.page.evaluate('globalThis.broken')).toEqual([]);
    expect(await ada.page.locator('img, script:not([src]), [onerror], [onload], [onmouseover]').count()).toBe(
      0,
    );
    const links = await ada.page.evaluate(
      "[...document.querySelectorAll('[role=log] a')].map(({ href }) => href)",
    );
    expect(links).toEqual(['https://example.org/']);
    // An element that somebody smuggled in would not run either.
    await expect(
      ada.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hurt=1>')"),
    ).rejects.toThrow(/TrustedHTML|blocked by CSP/);
    expect(await ada.page.evaluate('globalThis.hurt')).toBeUndefined();
  });
}
