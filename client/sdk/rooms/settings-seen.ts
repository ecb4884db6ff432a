import type { RoomInfo } from '../../../src/protocol/entities.ts';

/** What a client shows of a room's settings. */
export interface Settings extends Pick<RoomInfo, 'name' | 'retention' | 'hidden' | 'password'> {
  readonly header: number;
  readonly unlocked: boolean;
}

export function isSameSettings(a: Settings, b: Settings): boolean {
  return (
    a.name === b.name &&
    a.retention === b.retention &&
    a.hidden === b.hidden &&
    a.password === b.password &&
    a.header === b.header &&
    a.unlocked === b.unlocked
  );
}
