import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as runner from '@vitest/runner';

/* In place of `vitest` in what runs in a page: its runner and its assertions, which need no Node. */

export const { beforeAll, describe, test } = runner;

// WebKit has none yet; `await using`, as it is compiled, looks for it under this name.
if (Reflect.get(Symbol, 'asyncDispose') === undefined)
  Object.defineProperty(Symbol, 'asyncDispose', { value: Symbol.for('Symbol.asyncDispose') });

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  {
    unreachable: (message = ''): never => chai.assert.fail(`expected ${message} not to be reached`),
  },
);
