import { describe, expect, test, vi } from 'vitest';
import { CONTROL_CHANNEL, roomChannel } from '../../src/core/publisher.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { eventually } from '../support/eventually.ts';
import { newRoom, type OpenRelayPair } from './support-relay.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const ignore = (): void => undefined;

/** What every broker guarantees, whatever carries it. */
export function brokerContract(name: string, open: OpenRelayPair): void {
  describe(`broker on ${name}`, () => {
    test('a message published on one node reaches the subscribers on every node, the publisher included', async () => {
      await using pair = await open();
      const channel = roomChannel(newRoom());
      const heard: string[] = [];
      await pair.a.broker.subscribe(channel, (bytes) => heard.push(`a ${text(bytes)}`));
      await pair.b.broker.subscribe(channel, (bytes) => heard.push(`b ${text(bytes)}`));
      await pair.a.broker.publish(channel, utf8('hello'));
      await eventually(() => expect(heard.toSorted()).toEqual(['a hello', 'b hello']));
    });

    test('a subscription sees every message that is published after it resolved', async () => {
      await using pair = await open();
      for (let round = 0; round < 50; round += 1) {
        const channel = roomChannel(newRoom());
        const heard = vi.fn();
        await pair.b.broker.subscribe(channel, heard);
        await pair.a.broker.publish(channel, utf8(`${round}`));
        await eventually(() => expect(heard).toHaveBeenCalledTimes(1), { pauseMs: 1 });
      }
    });

    test('messages of one publisher arrive in order on each of many channels', async () => {
      await using pair = await open();
      const channels = Array.from({ length: 10 }, () => roomChannel(newRoom()));
      const heard = new Map(channels.map((channel) => [channel, [] as number[]]));
      for (const channel of channels)
        await pair.b.broker.subscribe(channel, (bytes) => heard.get(channel)?.push(Number(text(bytes))));
      const sent = Array.from({ length: 50 }, (_, index) => index);
      await Promise.all(
        sent.flatMap((index) => channels.map((channel) => pair.a.broker.publish(channel, utf8(`${index}`)))),
      );
      for (const channel of channels) await eventually(() => expect(heard.get(channel)).toEqual(sent));
    });

    test('a channel hears nothing of another one', async () => {
      await using pair = await open();
      const [one, other] = [roomChannel(newRoom()), roomChannel(newRoom())];
      const heard: string[] = [];
      await pair.b.broker.subscribe(one, (bytes) => heard.push(text(bytes)));
      await pair.a.broker.publish(other, utf8('not for you'));
      await pair.a.broker.publish(one, utf8('for you'));
      await eventually(() => expect(heard).toEqual(['for you']));
    });

    test('the control channel reaches every node', async () => {
      await using pair = await open();
      const heard = vi.fn();
      await pair.b.broker.subscribe(CONTROL_CHANNEL, heard);
      await pair.a.broker.publish(CONTROL_CHANNEL, utf8('news'));
      await eventually(() => expect(heard).toHaveBeenCalledTimes(1));
    });

    test('every byte value, an empty payload and one of 300 KB arrive unchanged', async () => {
      await using pair = await open();
      const channel = roomChannel(newRoom());
      const sent = [
        Uint8Array.from({ length: 256 }, (_, byte) => byte),
        new Uint8Array(0),
        Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251),
      ];
      const heard: Uint8Array[] = [];
      await pair.b.broker.subscribe(channel, (bytes) => heard.push(bytes));
      for (const payload of sent) await pair.a.broker.publish(channel, payload);
      await eventually(() => expect(heard).toHaveLength(sent.length));
      for (const [index, bytes] of heard.entries())
        expect(Buffer.from(bytes).equals(sent[index] ?? utf8('none'))).toBe(true);
    });

    test('the publisher may overwrite its bytes, and a handler the ones it got, without anyone noticing', async () => {
      await using pair = await open();
      const channel = roomChannel(newRoom());
      const heard: string[] = [];
      await pair.a.broker.subscribe(channel, (bytes) => {
        heard.push(text(bytes));
        bytes.fill(0);
      });
      await pair.b.broker.subscribe(channel, (bytes) => heard.push(text(bytes)));
      const payload = utf8('first');
      const published = pair.a.broker.publish(channel, payload);
      payload.fill(0x2e);
      await published;
      await eventually(() => expect(heard).toEqual(['first', 'first']));
    });

    test('handlers are never called before publish() has returned', async () => {
      await using pair = await open();
      const channel = roomChannel(newRoom());
      let returned = false;
      const early = vi.fn();
      const heard = vi.fn(() => {
        if (!returned) early();
      });
      await pair.a.broker.subscribe(channel, heard);
      const published = pair.a.broker.publish(channel, utf8('x'));
      returned = true;
      await published;
      await eventually(() => expect(heard).toHaveBeenCalledTimes(1));
      expect(early).not.toHaveBeenCalled();
    });

    test('a handler is not called after unsubscribe() resolved', async () => {
      await using pair = await open();
      const [channel, marker] = [roomChannel(newRoom()), roomChannel(newRoom())];
      const heard = vi.fn();
      const marked = vi.fn();
      await pair.b.broker.subscribe(channel, heard);
      await pair.b.broker.subscribe(marker, marked);
      const flood = Array.from({ length: 200 }, () => pair.a.broker.publish(channel, utf8('x')));
      await pair.b.broker.unsubscribe(channel);
      const callsAtEnd = heard.mock.calls.length;
      await Promise.all(flood);
      await pair.a.broker.publish(marker, utf8('end'));
      await eventually(() => expect(marked).toHaveBeenCalledTimes(1));
      expect(heard).toHaveBeenCalledTimes(callsAtEnd);
    });

    test('unsubscribing what was never subscribed is harmless', async () => {
      await using pair = await open();
      await pair.a.broker.unsubscribe(roomChannel(newRoom()));
    });

    test('a second handler for one channel is a TypeError, also while the first subscribe() is under way', async () => {
      await using pair = await open();
      const channel = roomChannel(newRoom());
      const first = pair.a.broker.subscribe(channel, ignore);
      await expect(pair.a.broker.subscribe(channel, ignore)).rejects.toThrow(TypeError);
      await first;
      await expect(pair.a.broker.subscribe(channel, ignore)).rejects.toThrow(TypeError);
    });

    test('overlapping subscribes and unsubscribes of one channel end as the last call says', async () => {
      await using pair = await open();
      const [kept, dropped] = [roomChannel(newRoom()), roomChannel(newRoom())];
      const [first, last, gone] = [vi.fn(), vi.fn(), vi.fn()];
      const { broker } = pair.b;
      await Promise.all([
        broker.subscribe(kept, first),
        broker.unsubscribe(kept),
        broker.subscribe(kept, last),
        broker.subscribe(dropped, gone),
        broker.unsubscribe(dropped),
      ]);
      await pair.a.broker.publish(dropped, utf8('x'));
      await pair.a.broker.publish(kept, utf8('x'));
      await eventually(() => expect(last).toHaveBeenCalledTimes(1));
      expect(first).not.toHaveBeenCalled();
      expect(gone).not.toHaveBeenCalled();
    });

    test('a closed broker throws Unavailable and calls no handler any more; the other node goes on', async () => {
      await using pair = await open();
      const channel = roomChannel(newRoom());
      const [closed, open_] = [vi.fn(), vi.fn()];
      await pair.a.broker.subscribe(channel, closed);
      await pair.b.broker.subscribe(channel, open_);
      await pair.a.broker.close();
      await pair.b.broker.publish(channel, utf8('x'));
      await eventually(() => expect(open_).toHaveBeenCalledTimes(1));
      expect(closed).not.toHaveBeenCalled();
      await expect(pair.a.broker.publish(channel, utf8('x'))).rejects.toThrow(Unavailable);
      await expect(pair.a.broker.subscribe(roomChannel(newRoom()), ignore)).rejects.toThrow(Unavailable);
      await expect(pair.a.broker.unsubscribe(channel)).rejects.toThrow(Unavailable);
      expect(pair.a.broker.isUp()).toBe(false);
      await pair.a.broker.close();
    });

    test('a started broker is up', async () => {
      await using pair = await open();
      expect(pair.a.broker.isUp()).toBe(true);
      expect(pair.b.isUp()).toBe(true);
    });
  });
}
