import { expect, it } from 'vitest';
import { defaultConfig, parseConfig } from '../../client/tui/config/chat-config.ts';
import { cli } from '../support/cluster/cli-process.ts';

it('prints a config file that changes nothing, without a terminal and without a server', async () => {
  const printed = await cli(['chat', '--print-config']);
  expect(printed.code).toBe(0);
  expect(printed.stdout).toContain('\n[keys]\n');
  expect(parseConfig(printed.stdout, 'config.toml')).toEqual({ config: defaultConfig });
});
