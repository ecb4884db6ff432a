import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { messageOf, NOON } from '../../../test/support/chat/sample-model.ts';
import { localTime, Output } from '../output.ts';
import { printChange, printMessage } from './room-lines.ts';

function printed(json: boolean, sentAt?: number): string {
  const stdout = new PassThrough();
  const output = new Output({ json, stdout, stderr: new PassThrough() });
  printMessage(output, messageOf(1, 'hello', sentAt === undefined ? {} : { sentAt }));
  return String(stdout.read());
}

test('a message has the time of its sender where it differs, for people and for programs', () => {
  const sentAt = NOON - 3_600_000;
  expect(printed(false, sentAt)).toBe(`${localTime(NOON)}  bob: hello [written ${localTime(sentAt)}]\n`);
  expect(printed(false)).toBe(`${localTime(NOON)}  bob: hello\n`);
  expect(JSON.parse(printed(true, sentAt))).toMatchObject({
    at: new Date(NOON).toISOString(),
    sentAt: new Date(sentAt).toISOString(),
  });
  expect(JSON.parse(printed(true))).not.toHaveProperty('sentAt');
});

test('a new key that takes a while is shown on a terminal until all members have theirs', () => {
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  const output = new Output({ json: false, stdout: new PassThrough(), stderr });
  const room = messageOf(1, 'hello').room;
  printChange(output, { type: 'epoch-progress', room, done: 512, of: 2_000 });
  expect(String(stderr.read())).toContain('making a new key: 512 of 2,000 members have theirs');
  printChange(output, { type: 'epoch-progress', room, done: 2_000, of: 2_000 });
  expect(String(stderr.read())).not.toContain('members');
});
