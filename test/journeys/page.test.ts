import { describe } from 'vitest';
import { pages } from '../support/web/pages.ts';
import { pageJourneys } from './page-journeys.ts';

describe('the page of a gateway', () => {
  pageJourneys(pages());
});
