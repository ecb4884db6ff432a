import { expect, test } from 'vitest';
import { CliScene } from '../support/cluster/cli-scene.ts';
import type { DrivenPage } from '../support/web/driven-page.ts';
import type { Pages } from '../support/web/pages.ts';
import { serveSuite } from '../support/web/suite-page.ts';

/** Of the five contracts and the keys; they are 36 now. */
const TESTS_MIN = 36;
const MINUTES = 60_000;

/** The contracts of a client's stores, in the IndexedDB of a browser itself. */
export function storeSuites<Driven extends DrivenPage>(web: Pages<Driven>): void {
  test(
    'has a database in which the stores of the page keep the contracts of all stores, and keys work as before',
    async () => {
      await using suite = await serveSuite('stores');
      const outcomes = await suite.outcomesIn((await web.seat()).page);
      expect(outcomes.filter(({ fault }) => fault !== undefined)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(TESTS_MIN);
    },
    5 * MINUTES,
  );
}

/** What WebKit strips from what RSA-OAEP decrypts, provoked. */
export function strippedZeros<Driven extends DrivenPage>(web: Pages<Driven>): void {
  test(
    'logs in and opens messages until what was decrypted has begun with a zero, and also then',
    async () => {
      await using suite = await serveSuite('stripped-zeros');
      await using stage = await CliScene.with({ ALLOWED_ORIGINS: suite.origin });
      const query = new URLSearchParams({ server: stage.gateway.url });
      const outcomes = await suite.outcomesIn((await web.seat()).page, query);
      expect(outcomes.map(({ fault }) => fault)).toEqual([undefined, undefined]);
    },
    20 * MINUTES,
  );
}
