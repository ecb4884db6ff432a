import { describe } from 'vitest';
import { pages } from '../support/web/pages.ts';
import { keyboardTests } from './keyboard-tests.ts';

describe('the page, by keyboard alone', () => {
  keyboardTests(pages());
});
