/**
 * npm run docs              writes the generated parts of the documentation, the dashboards, and Kubernetes' copy of the alerts
 * npm run docs -- --check   says which are out of date, and changes nothing
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { configurationTable } from '../src/config/config-help.ts';
import { readDashboard } from './dashboards/dashboard.ts';
import { grafanaJson } from './dashboards/grafana-json.ts';
import { adminCommandsTable, adminOptionsTable, commandsTable, optionsTable } from './docs/command-tables.ts';
import { decisionsList } from './docs/decisions-list.ts';
import { limitsOfAGateway } from './docs/limits-table.ts';
import { adminPage, conclavePage, gatewayPage } from './docs/manual-page.ts';
import { prometheusRule } from './docs/prometheus-rule.ts';
import { eventBlocks, requestBlocks } from './docs/protocol-blocks.ts';
import { sessionWalkThrough } from './docs/protocol-session.ts';
import { roomsTable } from './docs/rooms-table.ts';
import * as tables from './docs/tables.ts';

interface GeneratedPart {
  readonly file: string;
  /** Stands in the file as `<!-- generated: NAME -->` and `<!-- end: NAME -->`. */
  readonly name: string;
  readonly render: () => string;
}

const parts: readonly GeneratedPart[] = [
  { file: 'ARCHITECTURE.md', name: 'rooms', render: roomsTable },
  { file: 'docs/configuration.md', name: 'configuration', render: configurationTable },
  { file: 'docs/command-line.md', name: 'commands', render: commandsTable },
  { file: 'docs/command-line.md', name: 'options', render: optionsTable },
  { file: 'docs/operations.md', name: 'admin-commands', render: adminCommandsTable },
  { file: 'docs/operations.md', name: 'admin-options', render: adminOptionsTable },
  { file: 'docs/operations.md', name: 'log-events', render: tables.logEventsTable },
  { file: 'docs/terminal.md', name: 'keys', render: tables.chatKeysTable },
  { file: 'docs/terminal.md', name: 'commands', render: tables.chatCommandsTable },
  { file: 'docs/terminal.md', name: 'config', render: tables.chatConfigTable },
  { file: 'loadtest/README.md', name: 'scenarios', render: tables.scenariosTable },
  { file: 'loadtest/README.md', name: 'parameters', render: tables.parametersTable },
  { file: 'docs/limits.md', name: 'limits-of-a-gateway', render: limitsOfAGateway },
  { file: 'docs/decisions/README.md', name: 'decisions', render: decisionsList },
  { file: 'docs/metrics.md', name: 'metrics', render: tables.metricsTable },
  { file: 'PROTOCOL.md', name: 'features', render: tables.featuresTable },
  { file: 'PROTOCOL.md', name: 'requests', render: requestBlocks },
  { file: 'PROTOCOL.md', name: 'events', render: eventBlocks },
  { file: 'PROTOCOL.md', name: 'error-codes', render: tables.errorCodesTable },
  { file: 'PROTOCOL.md', name: 'close-codes', render: tables.closeCodesTable },
  { file: 'PROTOCOL.md', name: 'session', render: sessionWalkThrough },
  { file: 'PROTOCOL.md', name: 'limits', render: tables.protocolLimitsTable },
  { file: 'PROTOCOL.md', name: 'file-errors', render: tables.fileErrorsTable },
];

const dashboardsFolder = 'scripts/dashboards';
const dashboards = readdirSync(dashboardsFolder).filter((name) => name.endsWith('.txt'));

/** Files that are generated as a whole. */
const files: ReadonlyArray<readonly [file: string, render: () => string]> = [
  ...dashboards.map((name): (typeof files)[number] => {
    const uid = `conclave-${basename(name, '.txt')}`;
    const dashboard = readDashboard(readFileSync(join(dashboardsFolder, name), 'utf8'));
    return [`deploy/grafana/dashboards/${uid}.json`, () => grafanaJson(uid, dashboard)];
  }),
  ['deploy/kubernetes/monitoring/prometheus-rule.yaml', prometheusRule],
  ['docs/man/conclave.1', conclavePage],
  ['docs/man/conclave-admin.1', adminPage],
  ['docs/man/conclave-gateway.1', gatewayPage],
];

function main(onlyCheck: boolean): number {
  let outdated = 0;
  for (const { file, name, render } of parts) {
    const before = readFileSync(file, 'utf8');
    const start = `<!-- generated: ${name} -->\n`;
    const end = `\n<!-- end: ${name} -->`;
    const [head, rest] = splitAt(before, start);
    const [, tail] = splitAt(rest ?? '', end);
    if (rest === undefined || tail === undefined) {
      console.error(`${file} lacks the marks of the generated part "${name}"`);
      return 1;
    }
    if (renew(file, before, `${head}${start}${render()}${end}${tail}`, onlyCheck)) outdated += 1;
  }
  for (const [file, render] of files) {
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    if (renew(file, before, render(), onlyCheck)) outdated += 1;
  }
  return onlyCheck && outdated > 0 ? 1 : 0;
}

/** False: it was as it should be. */
function renew(file: string, before: string | undefined, after: string, onlyCheck: boolean): boolean {
  if (after === before) return false;
  if (onlyCheck) {
    console.error(`${file} is out of date: run npm run docs`);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, after);
  }
  return true;
}

function splitAt(text: string, mark: string): [before: string, after: string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

process.exitCode = main(process.argv.includes('--check'));
