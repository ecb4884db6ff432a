import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { refuseNode } from './node-version.ts';

const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };

test.each(['20.19.0', '20.20.2', '21.0.0', '22.0.0', '22.99.1'])('Node %s will do', (version) => {
  expect(refuseNode(version, engines.node)).toBeUndefined();
});

test.each(['18.20.0', '20.18.9', '23.0.0', '24.1.0'])(
  'Node %s is refused, with the versions that will do',
  (version) => {
    const reason = refuseNode(version, engines.node);
    expect(reason).toContain(`this is Node ${version}; Conclave needs 20.19 or newer, and below 23`);
  },
);
