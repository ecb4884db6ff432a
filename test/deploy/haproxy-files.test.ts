import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBalancer } from '../../scripts/cluster/balancer.ts';
import { startDnsServer } from '../../scripts/cluster/dns-server.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { startLiveGateway } from '../gateway/live-gateway.ts';
import { People } from '../support/cluster/people.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';

const ADDRESS = '127.0.1.1';

test('a file of many chunks goes through HAProxy and comes back, although the gateway closes its connection after each', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-haproxy-files-'));
  const folder = (name: string): string => {
    mkdirSync(join(dir, name));
    return join(dir, name);
  };
  try {
    const gatewayPort = await freePort();
    const env = { HOST: ADDRESS, PORT: `${gatewayPort}`, TRUSTED_PROXIES: '127.0.0.0/8' };
    await using gateway = await startLiveGateway(env);
    const dns = await startDnsServer(folder('dns'));
    await using _dns = dns.server;
    dns.publish([ADDRESS]);
    const options = { dir: folder('haproxy'), port: 0, gatewayPort, dnsServer: dns.address, env: {} };
    const balancer = await startBalancer(options);
    await using server = balancer.server;
    await eventually(async () => expect((await balancer.views()).get(ADDRESS)).toBe('up'));
    await using people = new People();
    const { client } = await people.register('Ann', server.url);
    await client.create('Album');
    const room = await client.room('Album');
    const bytes = new Uint8Array(randomBytes(20 * FILE_CHUNK_BYTES + 3));
    const read = async (offset: number, length: number) => bytes.slice(offset, offset + length);
    const file = await room.upload({ name: 'a.bin', type: 'text/plain', size: bytes.length, read });
    const parts: Uint8Array[] = [];
    await room.download(file, { write: async (part) => void parts.push(new Uint8Array(part)) });
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
    expect(await gateway.metric('conclave_file_transfers')).toBe(0);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
