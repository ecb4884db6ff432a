import { describe } from 'vitest';
import { inWebKit } from '../support/web/browser.ts';
import { pagesIn } from '../support/web/pages.ts';
import { storeSuites, strippedZeros } from './suites-in-browser.ts';

describe('WebKit', { timeout: 600_000 }, () => {
  const web = pagesIn(inWebKit);
  storeSuites(web);
  strippedZeros(web);
});
