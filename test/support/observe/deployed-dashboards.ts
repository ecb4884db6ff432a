import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'deploy/grafana/dashboards';

/** The parts of Grafana's JSON that tests look at. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly panels: readonly PanelJson[];
}

export interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly query: unknown;
  readonly definition?: string;
}

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly uid: string };
  }[];
}

/** All that Grafana is given, by file. */
export function deployedDashboards(): ReadonlyMap<string, DashboardJson> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as DashboardJson]),
  );
}

/** Each query of each panel, as Grafana would send it. */
export function panelQueries(
  dashboard: DashboardJson,
  variables: Readonly<Record<string, string>>,
): readonly { readonly panel: string; readonly expr: string }[] {
  return dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => {
      const sent = expr.replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? `$${name}`);
      return { panel: `${dashboard.title} / ${title}`, expr: sent };
    }),
  );
}
