import { expect } from 'vitest';
import type { Room } from '../../client/sdk/index.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';
import { shown } from '../support/hostile/theatre.ts';

/** Whatever a bundled client shows of a room, as `NAME: TEXT`, from its joining on. */
export function readText(room: Room): readonly string[] {
  const lines: string[] = [];
  const read = async (): Promise<void> => {
    for await (const message of room.follow({ after: 'joined' }))
      lines.push(`${message.from}: ${shown(message)}`);
  };
  read().catch((error: unknown) => lines.push(`${error}`));
  return lines;
}

export async function untilRead(lines: readonly string[], wanted: readonly string[]): Promise<void> {
  await eventually(() => expect(lines).toEqual(wanted), { deadlineMs: PATIENCE_MS, pauseMs: 20 });
}

export async function untilShown(lines: readonly string[], line: string): Promise<void> {
  await eventually(() => expect(lines).toContain(line), { deadlineMs: PATIENCE_MS, pauseMs: 20 });
}

/** A message that is sent before its sender has heard of somebody's joining has no copy for them. */
export async function untilMembers(room: Room, names: readonly string[]): Promise<void> {
  const members = async () => (await room.members()).map(({ user }) => user);
  await eventually(async () => expect(await members()).toEqual(names), {
    deadlineMs: PATIENCE_MS,
    pauseMs: 20,
  });
}
