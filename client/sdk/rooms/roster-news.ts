import type { EventBody } from '../../../src/protocol/events.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { People } from '../people/people.ts';
import type { MembersDiffer } from './known-members.ts';
import type { RoomChange } from './room-events.ts';
import { stranger } from './room-reader.ts';
import type { RoomState } from './room-state.ts';
import type { RosterStretch } from './roster-reading.ts';

type MembersDifferChange = Extract<RoomChange, { readonly type: 'members-differ' }>;

/** Says what changed in a room's roster, by names, for readers of the room's changes. */
export class RosterNews {
  readonly #people: People;
  readonly #state: RoomState;

  constructor({ people, state }: { readonly people: People; readonly state: RoomState }) {
    this.#people = people;
    this.#state = state;
  }

  /** Of a roster event; `stretches` are what it told that was new. */
  async changes(
    kind: EventBody<'roster'>['kind'],
    stretches: readonly RosterStretch[],
  ): Promise<readonly RoomChange[]> {
    const changes: RoomChange[] = [];
    for (const stretch of stretches) changes.push(await this.#change(kind, stretch));
    return changes;
  }

  /** The roster lists other members than this profile knew. */
  async differing({ joined, left }: MembersDiffer): Promise<MembersDifferChange> {
    const { name: room } = this.#state.info;
    return { type: 'members-differ', room, joined: await this.#names(joined), left: await this.#names(left) };
  }

  async #change(
    kind: EventBody<'roster'>['kind'],
    { user: id, name: user, role, identity }: RosterStretch,
  ): Promise<RoomChange> {
    const { name: room } = this.#state.info;
    switch (kind) {
      case 'identity': {
        const accepted = (await this.#people.listedTrust(id, identity)) !== 'changed';
        return { type: 'key-changed', room, user, accepted };
      }
      case 'role':
        return { type: 'member-role', room, user, id, role };
      case 'joined':
        return { type: 'member-joined', room, user, id };
      case 'left':
        return { type: 'member-left', room, user, id };
      case 'kicked':
        return { type: 'member-kicked', room, user, id };
      default:
        return kind satisfies never;
    }
  }

  async #names(users: readonly UserId[]): Promise<readonly UserName[]> {
    const names: UserName[] = [];
    for (const user of users)
      names.push((await this.#people.record(user))?.name ?? this.#state.roster.find(user)?.name ?? stranger);
    return names;
  }
}
