import { describe, expect, test } from 'vitest';
import { messageOf, roomIdOf, sampleModel } from '../../../test/support/tui/sample-model.ts';
import type { Notify } from '../config/config-keys.ts';
import { activated, type Model } from '../model/model.ts';
import { received } from '../model/room-changes.ts';
import { Alerts } from './alerts.ts';

const other = roomIdOf(1);

/** What the terminal is told when this message comes to a room that is not shown. */
function told(
  notify: Notify,
  text: string,
  change: (model: Model) => Model = (model) => model,
): readonly string[] {
  const calls: string[] = [];
  const alerts = new Alerts(
    {
      ring: () => calls.push('ring'),
      notify: (words) => calls.push(`notify ${words}`),
      title: (words) => calls.push(`title ${words}`),
    },
    notify,
  );
  const message = messageOf(1, text);
  alerts.came(received(change(sampleModel(['Lobby', 'Ops'])), other, [message]), other, [message]);
  return calls;
}

describe('a mention', () => {
  test('rings, or is told by the terminal, or does neither; the title counts it in any case', () => {
    expect(told('bell', 'ada?')).toEqual(['ring', 'title (1) Lobby – Conclave']);
    expect(told('osc9', 'ada?')).toEqual(['notify bob mentions you in Ops', 'title (1) Lobby – Conclave']);
    expect(told('none', 'ada?')).toEqual(['title (1) Lobby – Conclave']);
  });

  test('is none without the name, and none of somebody ignored', () => {
    expect(told('bell', 'hello')).toEqual(['title Lobby – Conclave']);
    expect(told('bell', 'ada?', (model) => ({ ...model, ignored: new Set(['bob']) }))).not.toContain('ring');
  });

  test('is no longer counted by the title once its room was shown', () => {
    const titles: string[] = [];
    const alerts = new Alerts(
      { ring: () => undefined, notify: () => undefined, title: (words) => titles.push(words) },
      'none',
    );
    const message = messageOf(1, 'ada?');
    const model = received(sampleModel(['Lobby', 'Ops']), other, [message]);
    alerts.came(model, other, [message]);
    alerts.seen(activated(model, other));
    expect(titles).toEqual(['(1) Lobby – Conclave', 'Ops – Conclave']);
  });
});
