import { describe } from 'vitest';
import { inFirefox } from '../support/web/browser.ts';
import { pagesIn } from '../support/web/pages.ts';
import { pageTests } from '../web/page-tests.ts';
import { backupJourneys } from './backup-journeys.ts';
import { keyboardTests } from './keyboard-tests.ts';
import { pageJourneys } from './page-journeys.ts';

describe('the page in Firefox', { timeout: 600_000 }, () => {
  const web = pagesIn(inFirefox);
  pageTests(web);
  keyboardTests(web);
  pageJourneys(web);
  backupJourneys(web);
});
