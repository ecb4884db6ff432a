/**
 * npx tsx bench/page.ts --help
 * What the page takes with a long timeline in Chromium: its heap, the pace of its frames while somebody scrolls, and the time
 * from a key to the frame that shows it.
 */
import type { CDPSession } from 'playwright-core';
import { People } from '../test/support/cluster/people.ts';
import { inChromium } from '../test/support/web/browser.ts';
import { PageUser } from '../test/support/web/page-user.ts';
import { deploy } from './support/deployment.ts';
import { fillRoom, numberedText, roomOf } from './support/fill-room.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow, spreadCells } from './support/table.ts';

const values = benchOptions(
  'Measures the page with a long timeline. Needs Chromium, and `npm run build` before.',
  {
    messages: ['10000', 'in the room that is shown'],
    keys: ['200', 'typed while all of them are loaded'],
    pixels: ['20000', 'scrolled up, and down again'],
  },
);
const messages = Number(values.messages);
const MIB = 1024 * 1024;
/** Of a gesture: a page of usual height three times a second. */
const PIXELS_PER_SECOND = 2_000;
/** A person types no faster. */
const BETWEEN_KEYS_MS = 40;

const browser = await inChromium.launch();
try {
  await measure();
} finally {
  await browser.close();
}

async function measure(): Promise<void> {
  await using deployment = await deploy('embedded');
  const gateway = await deployment.start();
  await using people = new People();
  const room = await roomOf(people, 'bob', gateway.url, 'Long');
  await using ada = await PageUser.register(await browser.open(), gateway.url, 'ada', {
    path: '/#room=Long',
  });
  await ada.isIn('Long');
  const devtools = await ada.page.context().newCDPSession(ada.page);
  printHead('what', 'measured');
  printRow('heap with an empty timeline', await heap(devtools));

  // What comes to a page that is open would be opened here already.
  const address = ada.page.url();
  await ada.page.goto('about:blank');
  await fillRoom(room, messages);
  await ada.page.goto(address);
  await ada.shows(numberedText(messages - 1));
  const begin = performance.now();
  await ada.page.evaluate(
    `new Promise((loaded) => {
      const log = document.querySelector('[role=log]');
      const step = () => {
        if (log.querySelector('[data-seq="1"]') !== null) return loaded();
        log.scrollTop = 0;
        requestAnimationFrame(step);
      };
      step();
    })`,
  );
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
  printRow(`${messages} messages fetched, opened and scrolled through`, `${seconds} s`);
  printRow(`heap with ${messages} messages`, await heap(devtools));
  for (const [way, distance] of [
    ['down', -Number(values.pixels)],
    ['up', Number(values.pixels)],
  ] as const)
    printRow(`time between frames, scrolling ${way}`, await scrolled(ada, devtools, distance));
  printRow('key to frame', await typed(ada, Number(values.keys)));
}

async function heap(devtools: CDPSession): Promise<string> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const { nodes } = await devtools.send('Memory.getDOMCounters');
  return `${(usedSize / MIB).toFixed(1)} MiB, ${nodes} nodes`;
}

/** The time between two frames, as the page is told of them, while a finger moves over it. */
async function scrolled(ada: PageUser, devtools: CDPSession, yDistance: number): Promise<string> {
  const box = (await ada.page.getByRole('log').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await ada.page.evaluate(
    `globalThis.frames = []; globalThis.isScrolling = true;
     (function next(last) { requestAnimationFrame((now) => { frames.push(now - last); if (isScrolling) next(now); }); })(performance.now())`,
  );
  await devtools.send('Input.synthesizeScrollGesture', {
    ...{ x: box.x + box.width / 2, y: box.y + box.height / 2 },
    ...{ yDistance, speed: PIXELS_PER_SECOND, preventFling: true },
  });
  const times = numbers(await ada.page.evaluate('isScrolling = false; frames.slice(1)'));
  const late = times.filter((ms) => ms > 1_000 / 60 + 8).length;
  return `${spread(times)}, ${late} of ${times.length} late`;
}

/** From the event of a key to the end of the frame that shows it. */
async function typed(ada: PageUser, keys: number): Promise<string> {
  await ada.input.focus();
  await ada.page.evaluate(
    `globalThis.times = [];
     addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => {
       const { port1, port2 } = new MessageChannel();
       port1.onmessage = () => times.push(performance.now() - timeStamp);
       port2.postMessage(0);
     }), { capture: true })`,
  );
  await ada.page.keyboard.type('x'.repeat(keys), { delay: BETWEEN_KEYS_MS });
  return spread(numbers(await ada.page.evaluate('times')));
}

function numbers(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

function spread(milliseconds: readonly number[]): string {
  const [p50, p99, most] = spreadCells(milliseconds);
  return `p50 ${p50}, p99 ${p99}, most ${most} ms`;
}
