import { describe } from 'vitest';
import { pages } from '../support/web/pages.ts';
import { backupJourneys } from './backup-journeys.ts';

describe('an account that lost its browser', () => {
  backupJourneys(pages());
});
