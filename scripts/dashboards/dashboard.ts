/**
 * A dashboard as it is written in this folder, from which `npm run docs` makes Grafana's JSON:
 *
 *     # TITLE
 *     gateways: several            (or one: how many `$instance` may be)
 *     What the dashboard is for.
 *
 *     ## TITLE OF A ROW
 *     TITLE (KIND, UNIT, yellow VALUE, red VALUE)
 *       What the panel shows, and what to think of it.
 *       LEGEND = PROMQL            (a number has no legend)
 *
 * In PromQL, `{chosen}` are the gateways chosen above the dashboard and `{cluster}` all of their clusters; `rate(…)` takes
 * Grafana's window, at least four scrapes, wider when a long time is looked at; `quantile(Q, HISTOGRAM{…}, LABELS)` has a
 * line for each value of the labels.
 */
export interface Dashboard {
  readonly title: string;
  readonly about: string;
  readonly isForOneGateway: boolean;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

export interface Panel {
  readonly title: string;
  readonly about: string;
  /** `number`: the last value, large. */
  readonly kind: 'number' | 'lines' | 'stacked';
  /** Grafana's own name. */
  readonly unit: string;
  readonly queries: readonly { readonly legend: string; readonly expr: string }[];
  /** Values from which on it is yellow, and red. Of a `number` where less is worse, the other way round. */
  readonly limits: { readonly yellow: number; readonly red: number } | undefined;
}

const headLines = /^# (.+)\ngateways: (one|several)\n(.+)\n/;
const panelLine = /^(.+) \((number|lines|stacked), (\w+)(?:, yellow ([\d.]+), red ([\d.]+))?\)$/;

export function readDashboard(text: string): Dashboard {
  const [, title, gateways, about] = headLines.exec(text) ?? [];
  if (title === undefined || about === undefined) throw new Error(`not the head of a dashboard: ${text}`);
  const rows = text.split('\n## ').slice(1);
  return {
    title,
    about,
    isForOneGateway: gateways === 'one',
    rows: rows.map((row) => {
      const [heading = '', ...panels] = row.trimEnd().split(/\n(?! )/);
      return { title: heading, panels: panels.map(readPanel) };
    }),
  };
}

function readPanel(text: string): Panel {
  const [head = '', about = '', ...queries] = text.split('\n  ');
  const [, title, kind, unit, yellow, red] = panelLine.exec(head) ?? [];
  if (title === undefined || unit === undefined || queries.length === 0)
    throw new Error(`not a panel: ${text}`);
  return {
    title,
    about,
    kind: kind as Panel['kind'],
    unit,
    queries: queries.map((query) => {
      const [, legend = title, expr = ''] = /^(?:(.+?) = )?(.+)$/.exec(query) ?? [];
      return { legend, expr: promQl(expr) };
    }),
    limits: red === undefined ? undefined : { yellow: Number(yellow), red: Number(red) },
  };
}

function promQl(text: string): string {
  return text
    .replace(/\bquantile\(([\d.]+), (\w+)\{(\w+)\}(?:, (\w+))?\)/g, (_, q, metric, selector, label) => {
      const labels = label === undefined ? 'le' : `${label}, le`;
      return `histogram_quantile(${q}, sum by (${labels}) (rate(${metric}_bucket{${selector}})))`;
    })
    .replace(/\brate\(([^()]+)\)/g, 'rate($1[$__rate_interval])')
    .replaceAll('{chosen', '{job=~"$job", instance=~"$instance"')
    .replaceAll('{cluster', '{job=~"$job"');
}
