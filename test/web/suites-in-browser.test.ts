import { describe } from 'vitest';
import { pages } from '../support/web/pages.ts';
import { storeSuites } from './suites-in-browser.ts';

describe('Chromium', () => {
  storeSuites(pages());
});
