/** What a `/metrics` page says, as far as tests ask. */
export interface MetricsPage {
  /** Name, type and help text of each metric, as it declares them. */
  readonly metrics: readonly {
    readonly name: string;
    readonly type: string;
    readonly help: string;
    /** That some series of it has; without `le`. */
    readonly labels: readonly string[];
  }[];
  /** Every series, with its labels. */
  readonly series: readonly string[];
  /** Of a series without labels. */
  value(name: string): number | undefined;
}

export function parseMetricsPage(text: string): MetricsPage {
  const helps = new Map<string, string>();
  const types = new Map<string, string>();
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined && name !== undefined) (kind === 'HELP' ? helps : types).set(name, rest ?? '');
    else if (line !== '' && !line.startsWith('#')) {
      const at = line.lastIndexOf(' ');
      values.set(line.slice(0, at), line.slice(at + 1));
    }
  }
  const series = [...values.keys()];
  return {
    series,
    metrics: [...types].map(([name, type]) => {
      return { name, type, help: helps.get(name) ?? '', labels: labelsOf(name, type, series) };
    }),
    value: (name) => {
      const value = values.get(name);
      return value === undefined ? undefined : Number(value);
    },
  };
}

function labelsOf(name: string, type: string, series: readonly string[]): readonly string[] {
  const names = type === 'histogram' ? [`${name}_bucket`] : [name];
  const labels = series
    .filter((one) => names.some((base) => one.startsWith(`${base}{`)))
    .flatMap((one) => [...one.matchAll(/[{,]([a-z_]+)="/g)].map(([, label = '']) => label));
  return [...new Set(labels)].filter((label) => label !== 'le').sort();
}
