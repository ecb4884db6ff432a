import { expect, it } from 'vitest';
import { actionOn, messageOf, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { screenOf } from '../../../test/support/tui/screen-of.ts';
import { received } from '../../chat/model/room-changes.ts';
import { withIntent } from '../../chat/model/selection.ts';
import { noticeRows } from './notice-rows.ts';

const lobby = roomIdOf(0);

it('the row above the input quotes what is answered on one line, and nothing of it once it was removed', () => {
  const came = received(sampleModel(), lobby, [messageOf(1, 'one\ntwo')]);
  const answering = withIntent(came, lobby, { kind: 'reply', seq: 1, before: '' });
  const text = (model: typeof came): string | undefined => noticeRows(screenOf(model))[0]?.[0]?.text;
  expect(text(answering)).toBe(' ↳ answering bob: one two · Esc cancels');
  const removal = { ...actionOn(1, 2, 2), type: 'remove', role: 'owner' } as const;
  expect(text(received(answering, lobby, [removal]))).toBe(' ↳ answering bob:  · Esc cancels');
});
