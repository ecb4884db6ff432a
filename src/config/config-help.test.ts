import { expect, test } from 'vitest';
import { configurationTable, gatewayHelp } from './config-help.ts';
import { configKeys } from './config-keys.ts';

test('help and documentation name every key with its default', () => {
  for (const key of Object.values(configKeys)) {
    expect(gatewayHelp()).toContain(`CONCLAVE_${key.name} (`);
    expect(configurationTable()).toContain(`| \`CONCLAVE_${key.name}\` |`);
  }
  expect(gatewayHelp()).toContain('CONCLAVE_RATE_MESSAGES_USER (20/s:60)');
});

test('every default is a value that its key accepts', () => {
  for (const { name, fallback, parser } of Object.values(configKeys)) {
    if (typeof fallback === 'string')
      expect([name, parser.parse(fallback)]).toEqual([name, { value: expect.anything() }]);
  }
});
