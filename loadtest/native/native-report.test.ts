import { expect, test } from 'vitest';
import { Latencies } from './latencies.ts';
import { deliverVerdicts } from './native-report.ts';

const asked = { 'max-accepted-p99-ms': 1_000, 'max-refused': 0 };

function answeredAfterMs(...times: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const ms of times) latencies.add(ms * 1_000);
  return latencies;
}

const fine = {
  acknowledged: answeredAfterMs(3, 4, 5),
  deliveries: 30,
  duplicates: 0,
  lost: 0,
  refused: 0,
  unanswered: 0,
};

function crossed(result: Partial<typeof fine>): readonly string[] {
  return deliverVerdicts({ ...fine, ...result }, asked)
    .filter(({ holds }) => !holds)
    .map(({ line }) => line);
}

test('a run in which everything was answered and delivered once holds', () => {
  expect(crossed({})).toEqual([]);
});

test('a run in which people could not chat for a while does not hold, and says why', () => {
  expect(crossed({ acknowledged: answeredAfterMs(3, 19_000) })).toEqual([
    '- **CROSSED**: message due → answered, p99 at most 1000 ms',
  ]);
  expect(crossed({ refused: 7 })).toEqual(['- **CROSSED**: at most 0 messages refused']);
  expect(crossed({ unanswered: 1 })).toEqual(['- **CROSSED**: every message answered']);
});

test('a run in which nothing was measured does not hold', () => {
  expect(crossed({ acknowledged: new Latencies(), deliveries: 0 })).toEqual([
    '- **CROSSED**: message due → answered, p99 at most 1000 ms',
    '- **CROSSED**: something was delivered',
  ]);
});
