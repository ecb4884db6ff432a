/** A dashboard as it is written here. `npm run docs` makes Grafana's JSON of it, in deploy/grafana/dashboards. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  /** Whether `$instance` may be several gateways, and is all of them at first. */
  readonly instances: 'several' | 'one';
  readonly rows: readonly Row[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  /** What is shown, and what to think of it. */
  readonly about: string;
  readonly unit: Unit;
  /** `number`: the last value, large. */
  readonly kind: 'number' | 'lines' | 'stacked';
  readonly queries: Queries;
  /** Values from which on it is yellow, and red. Of a `number` where less is worse, the other way round. */
  readonly limits?: { readonly yellow: number; readonly red: number };
}

/** What is asked for, by the legend of its line. */
export type Queries = Readonly<Record<string, string>>;

/** Grafana's own names. */
export type Unit = 'short' | 'cps' | 's' | 'bytes' | 'Bps' | 'percentunit' | 'bool_on_off';

/** What was chosen above the dashboard. */
export const ofJob = 'job=~"$job"';
export const chosen = 'job=~"$job", instance=~"$instance"';

/** Per second. The window is Grafana's: at least four scrapes, wider when a long time is looked at. */
export function rate(selector: string): string {
  return `rate(${selector}[$__rate_interval])`;
}

/** Of a histogram, by these labels. */
export function quantile(q: number, metric: string, selector: string, by: readonly string[] = []): string {
  const labels = [...by, 'le'].join(', ');
  return `histogram_quantile(${q}, sum by (${labels}) (${rate(`${metric}_bucket{${selector}}`)}))`;
}

export function lines(title: string, unit: Unit, about: string, queries: Queries): Panel {
  return { title, about, unit, kind: 'lines', queries };
}

export function stacked(title: string, unit: Unit, about: string, queries: Queries): Panel {
  return { title, about, unit, kind: 'stacked', queries };
}

export function number(
  title: string,
  unit: Unit,
  about: string,
  expr: string,
  limits?: Panel['limits'],
): Panel {
  return {
    title,
    about,
    unit,
    kind: 'number',
    queries: { [title]: expr },
    ...(limits !== undefined && { limits }),
  };
}
