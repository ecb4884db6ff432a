import { describe } from 'vitest';
import { pages } from '../support/web/pages.ts';
import { pageTests } from './page-tests.ts';

describe('the page of a gateway', () => {
  pageTests(pages());
});
