import { describe, expect, it } from 'vitest';
import { features } from '../../../src/protocol/features.ts';
import { FEATURE_NAME_CHARS_MAX, FEATURES_MAX } from '../../../src/protocol/limits.ts';
import { parseRoomName } from '../../../src/protocol/names.ts';
import { requests } from '../../../src/protocol/requests.ts';
import { added, Fault, type FieldDescription, map, optional, uint } from '../../../src/protocol/shape.ts';
import { featuresNeeded, featuresOf } from './features-needed.ts';

const grown = map({
  old: uint(),
  colour: added('header-2', uint()),
  frame: optional(map({ width: uint(), shadow: added('header-2', uint()) })),
  sound: added('header-2', map({ loud: uint(), echo: added('header-2', uint()) })),
});

describe('the features that a request needs', () => {
  it('are those of the new fields that it has, at any depth', () => {
    const needs = (body: unknown): readonly string[] => featuresOf({ body: grown }, body);
    expect(needs({ old: 1 })).toEqual([]);
    expect(needs({ old: 1, colour: 0 })).toEqual(['header-2']);
    expect(needs({ old: 1, colour: undefined })).toEqual([]);
    expect(needs({ old: 1, frame: { width: 1 } })).toEqual([]);
    expect(needs({ old: 1, frame: { width: 1, shadow: 2 } })).toEqual(['header-2']);
    expect(needs({ old: 1, sound: { loud: 1, echo: 2 } })).toEqual(['header-2', 'header-2']);
  });

  it('are those of a new operation, whatever its body', () => {
    expect(featuresOf({ feature: 'header-2', body: grown }, { old: 1 })).toEqual(['header-2']);
  });

  it('are none for a request of version 1', () => {
    const name = parseRoomName('Lobby') ?? expect.unreachable();
    expect(featuresNeeded('create', { name, hidden: false, retention: 30 })).toEqual([]);
    expect(featuresNeeded('create', { name, hidden: false, retention: 30, header: 1 })).toEqual(['header-2']);
  });

  it('leave a new field one that may be absent, and one that is parsed', () => {
    expect(grown.parse({ old: 1 }, 'strict')).toEqual({ old: 1 });
    expect(grown.parse({ old: 1, colour: 7 }, 'strict')).toEqual({ old: 1, colour: 7 });
    expect(grown.parse({ old: 1, colour: 'red' }, 'strict')).toBeInstanceOf(Fault);
    expect(grown.label).toContain('colour?: uint');
  });
});

describe('the table of features', () => {
  it('fits the reply to hello, and has every feature that a request names', () => {
    expect(Object.keys(features).length).toBeLessThanOrEqual(FEATURES_MAX);
    for (const name of Object.keys(features)) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(name.length).toBeLessThanOrEqual(FEATURE_NAME_CHARS_MAX);
    }
    const named = (fields: Readonly<Record<string, FieldDescription>>): readonly string[] =>
      Object.values(fields).flatMap(({ feature, fields: inner = {} }) => [
        ...(feature === undefined ? [] : [feature]),
        ...named(inner),
      ]);
    for (const entry of Object.values(requests)) {
      const used = [...named(entry.body.fields), ...('feature' in entry ? [entry.feature] : [])];
      for (const feature of used) expect(Object.keys(features)).toContain(feature);
    }
  });
});
