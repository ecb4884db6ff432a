import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { partLine } from '../../scripts/cluster/board.ts';
import { parseClusterOptions } from '../../scripts/cluster/cluster-options.ts';
import { type CommandedCluster, runCommand } from '../../scripts/cluster/commands.ts';
import { GatewayLog } from '../../scripts/cluster/gateway-log.ts';

describe('npm run cluster', () => {
  it.each([
    ['--gateways', '0', 'It must be a whole number from 1 to 50.'],
    ['--gateways', '51', 'It must be a whole number from 1 to 50.'],
    ['--gateways', 'x', 'It must be a whole number from 1 to 50.'],
    ['--port', '70000', 'It must be a whole number from 0 to 65535.'],
  ])('says what is wrong with %s %s', (option, value, said) => {
    const text = expect.stringMatching(new RegExp(`option '${option} .*argument '${value}'.* ${said}`));
    expect(parseClusterOptions([option, value])).toEqual({ exitCode: 2, text });
  });

  it('reads every option, and refuses exporters that no Prometheus asks', () => {
    expect(parseClusterOptions([])).toEqual({ gateways: 2, port: 8080, prometheus: true });
    const given = ['--port', '0', '--redis-cluster', '--rates-off', '--no-prometheus', '--logs', 'here'];
    expect(parseClusterOptions(given)).toEqual({
      gateways: 2,
      port: 0,
      redisCluster: true,
      ratesOff: true,
      prometheus: false,
      logs: 'here',
    });
    const text = expect.stringContaining("'--exporters' cannot be used with option '--no-prometheus'");
    expect(parseClusterOptions(['--exporters', '--no-prometheus'])).toEqual({ exitCode: 2, text });
  });

  it('shows a gateway in 110 columns, however much there is to say of it', () => {
    const line = partLine({
      name: 'gateway-123456',
      where: 'http://127.0.0.1:65535',
      state: 'draining, balancer: unknown',
      detail: '100000 connections, admin port 65535',
    });
    expect(line.length).toBeLessThanOrEqual(110);
  });

  it('takes a gateway by its number or its name, and says what it did not understand', async () => {
    const asked: number[] = [];
    const note = (number: number): undefined => void asked.push(number);
    const never = (): never => expect.unreachable();
    const cluster: CommandedCluster = {
      ...{ drain: note, kill: note, add: never, roll: never, reloadBalancer: never },
      ...{ failOver: never, status: never },
    };
    const said: string[] = [];
    for (const line of ['drain gateway-3', 'kill 2', 'drain three', 'drain', 'add x', 'add 51'])
      await runCommand(line, cluster, (text) => void said.push(text));
    expect(asked).toEqual([3, 2]);
    expect(said).toEqual([
      'there is no ready gateway called gateway-3: status lists them',
      'there is no ready gateway called gateway-2: status lists them',
      'drain three: give the number of a gateway, as in drain 2 for gateway-2',
      'drain: give the number of a gateway, as in drain 2 for gateway-2',
      'add x: give a number of gateways from 1 to 50, or nothing for one',
      'add 51: give a number of gateways from 1 to 50, or nothing for one',
    ]);
  });

  it('keeps the newest lines of a gateway, in two files of bounded length that only their owner can read', () => {
    const dir = mkdtempSync(join(tmpdir(), 'conclave-log-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const path = join(dir, 'gateway-1.log');
    for (let run = 0; run < 2; run += 1) {
      const log = new GatewayLog(path, 100);
      for (let i = 0; i < 50; i += 1) log.write(`line ${run}-${i}`);
      expect(log.lastWords).toBe(`line ${run}-49 (${path})`);
    }
    const [newer, older] = [readFileSync(path, 'utf8'), readFileSync(`${path}.1`, 'utf8')];
    expect(`${older}${newer}`.trimEnd().split('\n').slice(-10)).toEqual(
      Array.from({ length: 10 }, (_, i) => `line 1-${40 + i}`),
    );
    for (const text of [newer, older]) expect(text.length).toBeLessThan(120);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
