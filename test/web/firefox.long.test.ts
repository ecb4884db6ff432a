import { describe } from 'vitest';
import { inFirefox } from '../support/web/browser.ts';
import { pagesIn } from '../support/web/pages.ts';
import { storeSuites, strippedZeros } from './suites-in-browser.ts';

describe('Firefox', { timeout: 600_000 }, () => {
  const web = pagesIn(inFirefox);
  storeSuites(web);
  strippedZeros(web);
});
