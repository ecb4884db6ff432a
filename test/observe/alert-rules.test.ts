import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { promtool } from '../support/observe/promtool.ts';

const folder = 'deploy/prometheus';
const rulesFiles = filesIn('rules');
const testFiles = filesIn('tests');
/** Fires always. */
const WATCHDOG = 'ConclaveWatchdog';
const operations = readFileSync('docs/operations.md', 'utf8');

interface Alert {
  readonly name: string;
  /** The text of the rule, from its name to the next. */
  readonly text: string;
}

const alerts: readonly Alert[] = rulesFiles.flatMap((file) =>
  read(file)
    .split(/^ +- alert: /m)
    .slice(1)
    .map((text) => ({ name: /^\w+/.exec(text)?.[0] ?? '', text })),
);

function filesIn(name: string): readonly string[] {
  return readdirSync(join(folder, name)).map((file) => `${name}/${file}`);
}

function read(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

/** What the tests of the rules expect of an alert, one entry for each point of time that they look at. */
function expectationsOf(alert: string): readonly ('silent' | 'firing')[] {
  return testFiles
    .flatMap((file) =>
      read(file)
        .split(/eval_time:/)
        .slice(1),
    )
    .filter((text) => new RegExp(`^[^\\n]*\\n? *,? *(.* )?alertname: ${alert}\\b`).test(text))
    .map((text) => (/exp_alerts: \[\]/.test(text) ? 'silent' : 'firing'));
}

describe('the configuration of Prometheus', () => {
  test('is accepted by promtool, rules included', async () => {
    expect(await promtool(['check', 'rules', ...rulesFiles], { cwd: folder })).toMatchObject({ code: 0 });
    const config = await promtool(['check', 'config', 'prometheus.yml'], { cwd: folder });
    expect(config).toMatchObject({ code: 0 });
    expect(config.output).toContain(`${rulesFiles.length} rule files found`);
  });

  test('has alerts that fire when they should, and only then', async () => {
    const outcome = await promtool(['test', 'rules', ...testFiles], { cwd: folder });
    expect(outcome.output).not.toContain('FAILED');
    expect(outcome.code).toBe(0);
  }, 180_000);

  test('is in the PrometheusRule of Kubernetes, rule by rule', async () => {
    const manifest = readFileSync('deploy/kubernetes/monitoring/prometheus-rule.yaml', 'utf8');
    const [, spec = ''] = manifest.split(/^spec:\n/m);
    const names = (text: string): readonly string[] => text.match(/- (?:alert|record): .+/g) ?? [];
    expect(names(spec)).toEqual(
      ['rules/recording.yml', 'rules/alerts.yml'].flatMap((file) => names(read(file))),
    );
    const dir = mkdtempSync(join(tmpdir(), 'conclave-rules-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    writeFileSync(join(dir, 'rules.yml'), spec.replace(/^ {2}/gm, ''));
    const checked = await promtool(['check', 'rules', '--lint-fatal', 'rules.yml'], { cwd: dir });
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.output).toContain(`${names(spec).length} rules found`);
  });

  test('has the jobs of the monitors of Kubernetes', () => {
    const jobs = [...read('prometheus.yml').matchAll(/job_name: (\S+)/g)].map(([, job]) => job);
    const folder = 'deploy/kubernetes';
    const manifests = [`${folder}/base/service-monitor.yaml`, `${folder}/monitoring/monitors.yaml`];
    const monitored = manifests.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/targetLabel: job\n +replacement: (\S+)/g)].map(
        ([, job]) => job,
      ),
    );
    expect([...monitored, 'conclave-prometheus'].sort()).toEqual([...jobs].sort());
  });

  test("reads nobody else's servers: what is not named after Conclave is chosen by its job", () => {
    for (const file of rulesFiles) {
      const exprs = read(file).replace(/^ *#.*$/gm, '');
      const selectors = [...exprs.matchAll(/\b((?:up|(?:redis|mongodb|haproxy)_\w+)\b)(\{[^}]*\})?/g)];
      expect(selectors.length).toBeGreaterThan(0);
      for (const [all, name, matchers = ''] of selectors) {
        // Without one it may only be compared with what was chosen.
        const isCompared = new RegExp(`(?:unless|and) on \\([^)]*\\) ${name}\\b(?!\\{)`).test(exprs);
        if (!isCompared) expect([all, matchers]).toEqual([all, expect.stringMatching(/job=~?"conclave-/)]);
      }
    }
  });
});

describe('every alert', () => {
  test.each(alerts)('$name has tests of its firing and of its silence', ({ name }) => {
    const expected = expectationsOf(name);
    expect(expected).toContain('firing');
    if (name === WATCHDOG) return expect(expected).not.toContain('silent');
    // One of them is the healthy cluster of quiet.yml.
    expect(expected.filter((what) => what === 'silent').length).toBeGreaterThan(1);
  });

  test.each(alerts)(
    '$name says how bad it is, what is the matter, and where to read on',
    ({ name, text }) => {
      expect(text).toMatch(/labels: \{ severity: (critical|warning|none) \}/);
      expect(text).toMatch(/summary: "\S.+"/);
      expect(text).toContain(
        `runbook_url: '{{ or $externalLabels.conclave_docs "docs" }}/operations.md#${name.toLowerCase()}'\n`,
      );
    },
  );

  test('has its section in operations.md, and every section its alert', () => {
    const [, chapter = ''] = operations.split(/^## Alerts and what to do$/m);
    const sections = [...chapter.matchAll(/^### (.+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(alerts.map(({ name }) => name).sort((a, b) => order(sections, a, b)));
    expect(new Set(sections)).toEqual(new Set(alerts.map(({ name }) => name)));
  });

  test('is named once', () => {
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
    expect(alerts.length).toBeGreaterThan(20);
  });
});

test('what operations.md says about alerts leads to sections that are there', () => {
  const titles = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const [, anchor] of operations.matchAll(/\]\(#([^)]+)\)/g)) expect(titles).toContain(anchor);
});

function order(names: readonly (string | undefined)[], a: string, b: string): number {
  return names.indexOf(a) - names.indexOf(b);
}
