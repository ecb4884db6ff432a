import { afterAll, beforeAll } from 'vitest';
import { startLiveGateway } from '../gateway/live-gateway.ts';
import { FakeServer } from '../support/sdk/fake-server.ts';
import { serverContract } from './server-contract.ts';
import { ServerScene } from './support-server.ts';

let servers: readonly (AsyncDisposable & { readonly url: string })[];
beforeAll(async () => {
  servers = await Promise.all([startLiveGateway(), FakeServer.start()]);
});
afterAll(() => Promise.all(servers.map((server) => server[Symbol.asyncDispose]())));

for (const [index, name] of ['a gateway', 'the fake server'].entries())
  serverContract(name, () => new ServerScene(servers[index]?.url ?? ''));
