import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { type NodeStatus, parseRunId } from '../../src/protocol/admin-actions.ts';
import { eventually } from '../support/eventually.ts';
import type { OpenRelayPair } from './support-relay.ts';

const LONG_MS = 60_000;

function anyStatus(fields: Partial<NodeStatus> = {}): NodeStatus {
  const run = parseRunId(randomBytes(16).toString('hex'));
  if (run === undefined) throw new TypeError('16 random bytes are a run');
  return {
    run,
    node: 'node-1',
    version: '1.2.3',
    startedAt: 1_700_000_000_000,
    connections: 7,
    sessions: 5,
    rooms: 2,
    draining: false,
    ...fields,
  };
}

/** What every board of nodes guarantees. */
export function nodeBoardContract(name: string, open: OpenRelayPair): void {
  describe(`the board of nodes on ${name}`, () => {
    test('what a node says is read by every node, with what is left of its lease', async () => {
      await using pair = await open();
      const [one, other] = [anyStatus(), anyStatus({ node: 'node-2', version: '1.3.0', draining: true })];
      await pair.a.nodes.post(one, LONG_MS);
      await pair.b.nodes.post(other, LONG_MS);
      for (const node of [pair.a, pair.b]) {
        const all = await node.nodes.all();
        expect(all.map(({ leaseMs: _, ...status }) => status)).toHaveLength(2);
        expect(all.map(({ leaseMs: _, ...status }) => status)).toEqual(expect.arrayContaining([one, other]));
        for (const { leaseMs } of all) expect(leaseMs).toBeGreaterThan(LONG_MS / 2);
        for (const { leaseMs } of all) expect(leaseMs).toBeLessThanOrEqual(LONG_MS);
      }
    });

    test('a node speaks for itself once: what it said before is replaced', async () => {
      await using pair = await open();
      const before = anyStatus();
      await pair.a.nodes.post(before, LONG_MS);
      await pair.a.nodes.post({ ...before, connections: 9, draining: true }, LONG_MS);
      expect(await pair.b.nodes.all()).toEqual([
        expect.objectContaining({ run: before.run, connections: 9, draining: true }),
      ]);
    });

    test('two runs of one name are two nodes', async () => {
      await using pair = await open();
      const [one, other] = [anyStatus(), anyStatus()];
      await pair.a.nodes.post(one, LONG_MS);
      await pair.b.nodes.post(other, LONG_MS);
      const runs = (await pair.a.nodes.all()).map(({ run }) => run);
      expect(runs.sort()).toEqual([one.run, other.run].sort());
    });

    test('a node that falls silent is gone with its lease, and the others stay', async () => {
      await using pair = await open();
      const [living, silent] = [anyStatus(), anyStatus()];
      await pair.a.nodes.post(living, LONG_MS);
      await pair.b.nodes.post(silent, 50);
      await eventually(async () =>
        expect((await pair.a.nodes.all()).map(({ run }) => run)).toEqual([living.run]),
      );
    });

    test('a node that leaves is gone at once', async () => {
      await using pair = await open();
      const status = anyStatus();
      await pair.a.nodes.post(status, LONG_MS);
      await pair.a.nodes.remove(status.run);
      await pair.a.nodes.remove(status.run);
      expect(await pair.b.nodes.all()).toEqual([]);
    });

    test('a closed backend throws Unavailable', async () => {
      await using pair = await open();
      await pair.a.close();
      const status = anyStatus();
      await expect(pair.a.nodes.post(status, LONG_MS)).rejects.toThrow(Unavailable);
      await expect(pair.a.nodes.all()).rejects.toThrow(Unavailable);
      await expect(pair.a.nodes.remove(status.run)).rejects.toThrow(Unavailable);
    });
  });
}
