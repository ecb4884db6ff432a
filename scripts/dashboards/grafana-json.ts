import type { Dashboard, Panel } from './dashboard.ts';

/** Of Grafana 11; newer ones migrate it when they load it. */
const SCHEMA_VERSION = 39;
const GRID_WIDTH = 24;
const sizes = { number: { w: 3, h: 4 }, lines: { w: 8, h: 8 }, stacked: { w: 8, h: 8 } } as const;

const datasource = { type: 'prometheus', uid: '$datasource' } as const;

/** The file that Grafana provisions. */
export function grafanaJson(uid: string, dashboard: Dashboard): string {
  const { title, about, rows } = dashboard;
  const json = {
    uid,
    title,
    description: about,
    tags: ['conclave'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    links: [
      {
        type: 'dashboards',
        tags: ['conclave'],
        title: 'Conclave',
        asDropdown: false,
        includeVars: true,
        keepTime: true,
      },
    ],
    annotations: { list: [] },
    templating: { list: variables(dashboard) },
  };
  return lines(json, placed(rows));
}

/** A line for each setting and each panel, so that a change of one is a change of one line. */
function lines(settings: object, panels: readonly object[]): string {
  const set = Object.entries(settings).map(([name, value]) => `  "${name}": ${JSON.stringify(value)},\n`);
  const shown = panels.map((panel) => `    ${JSON.stringify(panel)}`).join(',\n');
  return `{\n${set.join('')}  "panels": [\n${shown}\n  ]\n}\n`;
}

function variables({ isForOneGateway }: Dashboard): readonly object[] {
  const labels = (name: string, query: string, label: string, several: boolean): object => ({
    name,
    label,
    type: 'query',
    datasource,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: several,
    includeAll: several,
    ...(several && { current: { selected: true, text: ['All'], value: ['$__all'] } }),
  });
  return [
    { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', refresh: 1 },
    labels('job', 'label_values(conclave_build_info, job)', 'Cluster', true),
    labels(
      'instance',
      'label_values(conclave_build_info{job=~"$job"}, instance)',
      'Gateway',
      !isForOneGateway,
    ),
  ];
}

/** From left to right, in as many lines as it takes, below a heading for each row. */
function placed(rows: Dashboard['rows']): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push(heading(row.title, panels.length + 1, y));
    y += 1;
    for (const line of linesOf(row.panels)) {
      let x = 0;
      for (const { panel, w, h } of line) {
        panels.push({ id: panels.length + 1, gridPos: { x, y, w, h }, ...content(panel) });
        x += w;
      }
      y += line[0]?.h ?? 0;
    }
  }
  return panels;
}

interface Cell {
  readonly panel: Panel;
  readonly w: number;
  readonly h: number;
}

/** Panels of one height, as many as fit; what is left of a line's width is shared among them, so that no hole remains. */
function linesOf(panels: readonly Panel[]): readonly (readonly Cell[])[] {
  const lines: Cell[][] = [];
  for (const panel of panels) {
    const cell = { panel, ...sizes[panel.kind] };
    const line = lines.at(-1);
    if (line !== undefined && line[0]?.h === cell.h && widthOf(line) + cell.w <= GRID_WIDTH) line.push(cell);
    else lines.push([cell]);
  }
  return lines.map((line) => {
    const spare = GRID_WIDTH - widthOf(line);
    return line.map((cell, i) => {
      const isWider = i < spare % line.length;
      return { ...cell, w: cell.w + Math.floor(spare / line.length) + (isWider ? 1 : 0) };
    });
  });
}

function widthOf(line: readonly Cell[]): number {
  return line.reduce((sum, { w }) => sum + w, 0);
}

function heading(title: string, id: number, y: number): object {
  return { id, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: GRID_WIDTH, h: 1 }, panels: [] };
}

function content(panel: Panel): object {
  const { title, about, kind, queries } = panel;
  return {
    type: kind === 'number' ? 'stat' : 'timeseries',
    title,
    description: about,
    datasource,
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options:
      kind === 'number'
        ? {
            reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
            colorMode: 'value',
            graphMode: 'area',
          }
        : {
            legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
            tooltip: { mode: 'multi', sort: 'desc' },
          },
    targets: queries.map(({ legend, expr }, i) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + i),
      datasource,
      expr,
      legendFormat: legend,
      range: true,
    })),
  };
}

function fieldDefaults({ kind, unit, limits }: Panel): object {
  const common = { unit, min: 0, thresholds: thresholds(limits) };
  if (kind === 'number') return { ...common, color: { mode: 'thresholds' } };
  const custom = {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: kind === 'stacked' ? 30 : 5,
    showPoints: 'never',
    stacking: { mode: kind === 'stacked' ? 'normal' : 'none', group: 'A' },
  };
  return { ...common, color: { mode: 'palette-classic' }, custom };
}

function thresholds(limits: Panel['limits']): object {
  const step = (color: string, value: number | null): object => ({ color, value });
  if (limits === undefined) return { mode: 'absolute', steps: [step('green', null)] };
  const { yellow, red } = limits;
  const steps =
    red >= yellow
      ? [step('green', null), step('yellow', yellow), step('red', red)]
      : [step('red', null), step('yellow', red), step('green', yellow)];
  return { mode: 'absolute', steps };
}
