import { describe, expect, test } from 'vitest';
import { parseParameters } from './parameters.ts';
import { renderReport, type SummaryData } from './report.ts';
import { keptApart, thresholdsOf } from './thresholds.ts';

const parsed = parseParameters({ rooms: '3' }, {});
if (!parsed.ok) throw new Error(parsed.problem);
const { parameters } = parsed;
const cast = { scenario: 'smoke', url: 'ws://127.0.0.1:1', parameters };

const held: SummaryData = {
  state: { testRunDurationMs: 12_345 },
  metrics: {
    conclave_delivery: {
      values: { count: 4, med: 1.25, 'p(95)': 2, 'p(99)': 3, max: 4 },
      thresholds: { 'p(99)<=500': { ok: true } },
    },
    conclave_closes: { values: { count: 3 } },
    'conclave_closes{code:going_away}': { values: { count: 2 } },
    'conclave_closes{code:revoked}': { values: { count: 0 } },
  },
};

describe('the report of a load', () => {
  test('tells figures, what they consist of, and which thresholds held', () => {
    const report = renderReport(cast, held);
    expect(report).toContain('## smoke at ws://127.0.0.1:1, 12.3 s');
    expect(report).toContain('rooms 3, members 5, messages-per-second 2, seconds 30');
    expect(report).toMatch(
      /position given → read by a receiver +\| +4 \| +1\.3 \| +2\.0 \| +3\.0 \| +4\.0 \|/,
    );
    expect(report).toMatch(/connections closed +\| +3 \| +going_away 2 \|/);
    expect(report).not.toContain('revoked');
    expect(report).toContain('- held: conclave_delivery p(99)<=500');
  });

  test('has no figures where nothing was measured', () => {
    expect(renderReport(cast, held)).toMatch(/^\| login +\| +0 \| +– \| +– \| +– \| +– \|$/m);
  });

  test('tells of files, and how fast they went, where there were any', () => {
    expect(renderReport(cast, held)).not.toContain('file');
    const withFiles = { ...parameters, 'files-per-minute': 6, seconds: 10 };
    const metrics = {
      conclave_file_bytes_stored: { values: { count: 25_000_000 } },
      conclave_file_bytes_fetched: { values: { count: 5_000_000 } },
      conclave_files_differing: { values: { count: 2 } },
    };
    const report = renderReport({ ...cast, parameters: withFiles }, { ...held, metrics });
    expect(report).toContain('- files: 25.0 MB, 2.50 MB/s stored; 5.0 MB, 0.50 MB/s fetched');
    expect(report).toMatch(/chunks that differed +\| +2 \|/);
    expect(thresholdsOf(withFiles)).toMatchObject({
      conclave_file_moved: ['p(99)<=10000'],
      conclave_files_differing: ['count<=0'],
    });
    expect(thresholdsOf(parameters)).not.toHaveProperty('conclave_files_moved');
  });

  test('a threshold that was not measured is not said to have held', () => {
    const empty = {
      values: { count: 0, med: 0, 'p(95)': 0, 'p(99)': 0, max: 0 },
      thresholds: { 'p(95)<=10000': { ok: true } },
    };
    const data = { ...held, metrics: { ...held.metrics, conclave_reconnecting: empty } };
    expect(renderReport(cast, data)).toContain('- not measured: conclave_reconnecting p(95)<=10000');
  });

  test('a crossed threshold stands out', () => {
    const lost = { values: { count: 1 }, thresholds: { 'count<=0': { ok: false } } };
    const data = { ...held, metrics: { ...held.metrics, conclave_lost: lost } };
    expect(renderReport(cast, data)).toContain('- **CROSSED**: conclave_lost count<=0');
  });

  test('thresholds come from the parameters, and what is kept apart asks for nothing', () => {
    expect(thresholdsOf({ ...parameters, 'max-lost': 7 })).toMatchObject({
      conclave_lost: ['count<=7'],
      conclave_delivery: ['p(99)<=500'],
      conclave_acknowledged: ['p(99)<=1000'],
      conclave_echo: ['p(99)<=1000'],
      conclave_deliveries: ['count>0'],
    });
    expect(thresholdsOf({ ...parameters, 'messages-per-second': 0 })).not.toHaveProperty(
      'conclave_deliveries',
    );
    expect(keptApart()).toMatchObject({ 'conclave_closes{code:slow_consumer}': [] });
  });
});
