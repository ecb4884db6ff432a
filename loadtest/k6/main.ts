/** What k6 runs, bundled: CONCLAVE_LOAD names the folder that the preparation wrote. One iteration is the whole load of a VU's rooms. */
import { SharedArray } from 'k6/data';
import { b64decode } from 'k6/encoding';
import { vu } from 'k6/execution';
import type { Options } from 'k6/options';
import { importRsaDecrypt } from '../../client/crypto/web-crypto.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { CAST_FILE, type Cast, FRAMES_FILE } from '../cast.ts';
import { renderReport, type SummaryData } from '../report.ts';
import { keptApart, thresholdsOf } from '../thresholds.ts';
import { Worker } from './worker.ts';

const folder = __ENV['CONCLAVE_LOAD'] ?? '.';
// Written by the preparation of this very run.
const cast = JSON.parse(open(`${folder}/${CAST_FILE}`)) as Cast;
const frames = new SharedArray('frames', () => open(`${folder}/${FRAMES_FILE}`).split('\n'));

/** Connecting, settling, and what a busy machine adds. */
const SPARE_SECONDS = 240;

export const options: Options = {
  scenarios: {
    [cast.scenario.replaceAll('-', '_')]: {
      executor: 'per-vu-iterations',
      vus: cast.parameters.workers,
      iterations: 1,
      maxDuration: `${longestSeconds()}s`,
      gracefulStop: '0s',
    },
  },
  thresholds: { ...keptApart(), ...thresholdsOf(cast.parameters) },
  summaryTrendStats: ['count', 'min', 'med', 'p(95)', 'p(99)', 'max'],
  // The address would make a series of every node behind a name.
  systemTags: ['status', 'error_code', 'scenario'],
};

function longestSeconds(): number {
  const { parameters } = cast;
  const connections = parameters.rooms * parameters.members;
  const coming = Math.ceil(connections / parameters['connects-per-second']);
  return coming + parameters.seconds + parameters['settle-seconds'] + SPARE_SECONDS;
}

export default async function load(): Promise<void> {
  const rsaKeys = await Promise.all(cast.rsaKeys.map((hex) => importRsaDecrypt(keyBytes(hex))));
  const frameAt = (line: number): ArrayBuffer => b64decode(frames[line] ?? '');
  await new Worker({ cast, worker: vu.idInTest - 1, rsaKeys, frameAt }).run();
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const report = renderReport(cast, data);
  return {
    stdout: `\n${report}\n`,
    [`${folder}/report.md`]: report,
    [`${folder}/summary.json`]: JSON.stringify(data, undefined, 2),
  };
}

function keyBytes(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error('the prepared cast is damaged');
  return bytes;
}
