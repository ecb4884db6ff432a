import { test } from 'vitest';
import { scrollThrough } from '../support/web/long-room.ts';
import { pages } from '../support/web/pages.ts';

const web = pages();

test(
  'a room of 10,000 messages on the page is scrolled through to its first message and back, with few of them in the document at any time',
  () => scrollThrough(web, 10_000),
  1_500_000,
);
