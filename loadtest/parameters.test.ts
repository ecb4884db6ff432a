import { describe, expect, test } from 'vitest';
import { parameterNames, parameterTable, parseParameters } from './parameters.ts';
import { tooManyFrames } from './prepare/prepare.ts';
import { scenarios } from './scenarios.ts';

describe('the parameters of a load', () => {
  test('every default lies within its own limits', () => {
    for (const name of parameterNames) {
      const { fallback, min, max } = parameterTable[name];
      expect([name, fallback >= min && fallback <= max]).toEqual([name, true]);
    }
  });

  test.each(scenarios)('the scenario $name can be run as it is', ({ defaults }) => {
    const parsed = parseParameters({}, defaults);
    expect(parsed).toMatchObject({ ok: true, parameters: defaults });
    if (parsed.ok) expect(tooManyFrames(parsed.parameters)).toBeUndefined();
  });

  test('what is given wins over the scenario, and the scenario over the table', () => {
    const parsed = parseParameters({ rooms: '7' }, { rooms: 3, members: 9 });
    expect(parsed).toMatchObject({ ok: true, parameters: { rooms: 7, members: 9, senders: 2 } });
  });

  test.each(['', '-1', '1.5', 'many', '0', '10001', '1e3', '9999999999999999'])(
    'rooms can not be "%s"',
    (rooms) => {
      const problem = '--rooms must be a whole number from 1 to 10000';
      expect(parseParameters({ rooms }, {})).toEqual({ ok: false, problem });
    },
  );

  test('members who send or are slow must be members, a worker must have a room, and files a place', () => {
    const crowded = parseParameters({ members: '3', senders: '2', 'slow-members': '2' }, {});
    expect(crowded).toMatchObject({ ok: false, problem: expect.stringContaining('--slow-members') });
    const idle = parseParameters({ rooms: '1', workers: '2' }, {});
    expect(idle).toMatchObject({ ok: false, problem: expect.stringContaining('--workers') });
    const unstored = parseParameters({ 'files-per-minute': '1', 'retention-days': '0' }, {});
    expect(unstored).toMatchObject({ ok: false, problem: expect.stringContaining('--files-per-minute') });
  });

  test('more messages than k6 can hold are refused before anything is prepared', () => {
    const parsed = parseParameters({ rooms: '100', members: '200', seconds: '3600' }, {});
    if (!parsed.ok) return expect.unreachable();
    expect(tooManyFrames(parsed.parameters)).toMatch(/^720000 prepared messages take \d+ MiB/);
  });
});
