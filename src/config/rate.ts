import type { Rate } from '../protocol/limits.ts';
import type { Parsed, ValueParser } from './value-parser.ts';

const periodsMs: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['day', 86_400_000],
]);

const form = /^(\d{1,12})\/(s|min|h|day)(?::(\d{1,12}))?$/;

export const rate: ValueParser<Rate> = {
  allowed: 'COUNT/s, COUNT/min, COUNT/h or COUNT/day, optionally followed by :BURST, or off',
  parse(text): Parsed<Rate> {
    if (text === 'off') return { value: 'off' };
    const [, countText, unit, burstText] = form.exec(text) ?? [];
    const periodMs = periodsMs.get(unit ?? '');
    if (countText === undefined || periodMs === undefined) return { fault: 'is not a rate' };
    const count = Number(countText);
    const burst = burstText === undefined ? count : Number(burstText);
    if (count < 1) return { fault: 'would let nothing through' };
    if (burst < 1) return { fault: 'has a burst of nothing, which would let nothing through' };
    return { value: { count, periodMs, burst } };
  },
};
