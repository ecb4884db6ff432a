import { describe, expect, test } from 'vitest';
import { messageOf, messagesAfter, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { activeRoom } from '../../chat/model/model.ts';
import { received } from '../../chat/model/room-changes.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import { itemAt } from './timeline-items.ts';
import { TimelineWindow } from './timeline-window.ts';

const MESSAGES = 10_000;
const nobody: ReadonlySet<string> = new Set();

function roomWith(messages: Parameters<typeof received>[2]): RoomModel {
  return activeRoom(received(sampleModel(), roomIdOf(0), messages)) ?? expect.unreachable();
}

function anchored(room: RoomModel, index: number): RoomModel {
  const item = itemAt(room, index) ?? expect.unreachable();
  return { ...room, anchor: { item, block: 'start', offset: 0 } };
}

describe('the window of a timeline', () => {
  test('holds the newest of 10,000 messages as long as nothing is held in its place', () => {
    const window = new TimelineWindow();
    expect(window.around(roomWith(messagesAfter(0, MESSAGES)), nobody)).toEqual({
      from: MESSAGES - 120,
      to: MESSAGES,
    });
  });

  test('leads step by step to each of 10,000 messages and back, and never holds many of them', () => {
    const room = roomWith(messagesAfter(0, MESSAGES));
    const window = new TimelineWindow();
    window.inSight = 20;
    const missed: number[] = [];
    const look = (at: number): void => {
      const { from, to } = window.around(anchored(room, at), nobody);
      const isIn = from <= Math.max(0, at - 25) && to >= Math.min(MESSAGES, at + 45);
      if (!isIn || to - from > 140) missed.push(at);
    };
    for (let at = MESSAGES - 1; at >= 0; at -= 7) look(at);
    for (let at = 0; at < MESSAGES; at += 13) look(at);
    expect(missed).toEqual([]);
  });

  test('reaches below what a large page shows, so that there is something to scroll to', () => {
    const room = roomWith(messagesAfter(0, MESSAGES));
    const window = new TimelineWindow();
    window.inSight = 200;
    expect(window.around(anchored(room, 5_000), nobody).to).toBeGreaterThan(5_200);
  });

  test('counts what is folded up as one row, however many messages of ignored people follow one another', () => {
    const spam = Array.from({ length: 1_000 }, (_, at) => messageOf(at + 101, 'buy now', { from: 2 }));
    const room = roomWith([...messagesAfter(0, 100), ...spam]);
    const { from, to } = new TimelineWindow().around(room, new Set(['user2']));
    expect([from, to]).toEqual([0, 1_100]);
  });
});
