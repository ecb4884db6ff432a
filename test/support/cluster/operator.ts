import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { type CliResult, cli } from './cli-process.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { PATIENCE_MS } from './patience.ts';

/** Of the gateways that an operator of the tests works with: `env: { ADMIN_TOKEN }`. */
export const ADMIN_TOKEN = 'for-the-operators-only';

type Through = GatewayProcess | undefined;

/** Someone who operates a cluster: by `conclave-admin` as its own process, or by hand. */
export class Operator implements AsyncDisposable {
  /** For files of the test. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async begin(): Promise<Operator> {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-operator-'));
    await writeFile(join(folder, 'token'), `${ADMIN_TOKEN}\n`);
    return new Operator(folder);
  }

  /** `conclave-admin --json`, through this gateway. */
  async run(through: Through, ...args: string[]): Promise<CliResult> {
    return this.plain(through, '--json', ...args);
  }

  /** As people see it. */
  async plain(through: Through, ...args: string[]): Promise<CliResult> {
    const at = ['--url', through?.adminUrl ?? '', '--token-file', join(this.folder, 'token')];
    return cli([...at, ...args], { program: 'admin' });
  }

  /** One request by hand. */
  async post(
    through: Through,
    action: string,
    body: object,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const headers = { ...bearer, 'Content-Type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${through?.adminUrl}/admin/${action}`, init);
    return { status: answer.status, body: await answer.json() };
  }

  /** Waits until a gateway lists exactly these, by name. */
  async untilNodes(through: Through, wanted: readonly object[]): Promise<void> {
    await eventually(
      async () => {
        const answer = await fetch(`${through?.adminUrl}/admin/nodes`, { headers: bearer });
        expect(await answer.json()).toMatchObject({ nodes: wanted });
      },
      { deadlineMs: PATIENCE_MS, pauseMs: 100 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** The header that a request by hand needs. */
export const bearer = { Authorization: `Bearer ${ADMIN_TOKEN}` } as const;
