import { Resolver } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningServer, startServer } from '../../test/support/services/server-process.ts';

/** A real DNS server that knows one name: the gateways'. */
export interface DnsServer {
  readonly server: RunningServer;
  /** ADDRESS:PORT */
  readonly address: string;
  /** From now on the name has these addresses. */
  publish(addresses: readonly string[]): void;
}

export const GATEWAY_NAME = 'gateway';

export async function startDnsServer(dir: string): Promise<DnsServer> {
  const hostsFile = join(dir, 'gateway-hosts');
  writeFileSync(hostsFile, '');
  const server = await startServer(
    {
      name: 'dnsmasq',
      command: (port) => [
        'dnsmasq',
        // In the foreground, and without changing its user, who could not read the file.
        '--no-daemon',
        '--conf-file=/dev/null',
        `--port=${port}`,
        '--listen-address=127.0.0.1',
        '--bind-interfaces',
        '--no-resolv',
        '--no-hosts',
        `--addn-hosts=${hostsFile}`,
        // Without addresses the name does not exist; nobody else is asked.
        `--local=/${GATEWAY_NAME}/`,
        '--edns-packet-max=8192',
      ],
      url: (port) => `dns://127.0.0.1:${port}`,
      probe: ask,
    },
    { dir },
  );
  return {
    server,
    address: `127.0.0.1:${server.port}`,
    publish: (addresses) => {
      writeFileSync(hostsFile, addresses.map((address) => `${address} ${GATEWAY_NAME}\n`).join(''));
      // Makes it read the file again.
      process.kill(server.pid, 'SIGHUP');
    },
  };
}

async function ask(port: number): Promise<void> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  await resolver.resolve4(GATEWAY_NAME).catch((error: unknown) => {
    // That there is no such name is an answer.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOTFOUND')) throw error;
  });
}
