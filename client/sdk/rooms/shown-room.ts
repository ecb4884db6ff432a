import type { RoomId } from '../../../src/protocol/ids.ts';
import type { RoomName } from '../../../src/protocol/names.ts';

/** How a room was shown: what `trustRoom` accepts. */
export interface ShownRoom {
  readonly name: RoomName;
  /** Undefined for a room that the user is not in. */
  readonly id: RoomId | undefined;
  /** Number of its password setting; 0: none. */
  readonly password: number;
  /** What differs from what is pinned, for people; undefined when nothing does. */
  readonly fault: string | undefined;
}
