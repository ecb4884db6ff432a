import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type DashboardJson,
  deployedDashboards,
  type PanelJson,
} from '../support/observe/deployed-dashboards.ts';

const dashboards = [...deployedDashboards()];
/** Units of Grafana that say something. */
const units = new Set(['short', 'cps', 's', 'bytes', 'Bps', 'percentunit', 'bool_on_off']);
const GRID_WIDTH = 24;

function panelsOf({ panels }: DashboardJson): readonly PanelJson[] {
  return panels.filter(({ type }) => type !== 'row');
}

describe.each(dashboards)('the dashboard in %s', (file, dashboard) => {
  test('is found under its name, in a form that Grafana 11 reads', () => {
    expect(file).toBe(`${dashboard.uid}.json`);
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(panelsOf(dashboard).length).toBeGreaterThan(15);
    for (const { type } of panelsOf(dashboard)) expect(['stat', 'timeseries']).toContain(type);
  });

  test('lets its reader choose Prometheus, cluster and gateway', () => {
    const { list } = dashboard.templating;
    expect(list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
    ]);
    expect(list.map(({ definition }) => definition)).toEqual([
      undefined,
      'label_values(conclave_build_info, job)',
      'label_values(conclave_build_info{job=~"$job"}, instance)',
    ]);
  });

  test('has panels with a description, a unit and a legend each, all of the chosen Prometheus', () => {
    for (const { title, description, datasource, fieldConfig, targets = [] } of panelsOf(dashboard)) {
      expect([title, (description ?? '').length > 10]).toEqual([title, true]);
      expect(units).toContain(fieldConfig?.defaults.unit);
      expect(datasource?.uid).toBe('$datasource');
      expect([title, targets.length > 0]).toEqual([title, true]);
      for (const target of targets) {
        expect(target.datasource.uid).toBe('$datasource');
        expect(target.legendFormat).not.toBe('');
      }
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test('asks only for what was chosen, and uses no variable that is not there', () => {
    const known = new Set(['job', 'instance', '__rate_interval']);
    for (const { title, targets = [] } of panelsOf(dashboard)) {
      for (const { expr } of targets) {
        for (const [, name = ''] of expr.matchAll(/\$(\w+)/g))
          expect([title, known.has(name)]).toEqual([title, true]);
        // What k6 writes has no job; ALERTS are chosen by name.
        if (/\bk6_|ALERTS/.test(expr)) continue;
        // The exporters of Redis, MongoDB and HAProxy have jobs and instances of their own.
        const others = [...expr.matchAll(/\b(redis|mongo|haproxy)(?:db)?_\w+(\{[^}]*\})?/g)];
        for (const [all, of, matchers] of others)
          expect([all, matchers]).toEqual([all, expect.stringContaining(`job="conclave-${of}"`)]);
        if (others.length > 0) continue;
        expect([title, expr]).toEqual([title, expect.stringContaining('job=~"$job"')]);
      }
    }
  });

  test('has panels that do not lie over each other, and leave no hole', () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(GRID_WIDTH);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([title, taken.has(`${x},${y}`)]).toEqual([title, false]);
          taken.add(`${x},${y}`);
        }
      }
    }
    const height = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
    expect(taken.size).toBe(GRID_WIDTH * height);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

test('Grafana is told of one Prometheus and of the folder of the dashboards', () => {
  const folder = 'deploy/grafana/provisioning';
  expect(readdirSync(folder).sort()).toEqual(['dashboards', 'datasources']);
  const source = readFileSync(`${folder}/datasources/prometheus.yml`, 'utf8');
  // Grafana makes its windows from this; another pace would leave holes, or blur.
  const pace = /scrape_interval: (\w+)/.exec(readFileSync('deploy/prometheus/prometheus.yml', 'utf8'))?.[1];
  expect(source).toContain(`timeInterval: ${pace}\n`);
  expect(readFileSync(`${folder}/dashboards/conclave.yml`, 'utf8')).toContain(
    'path: /var/lib/grafana/dashboards\n',
  );
});
