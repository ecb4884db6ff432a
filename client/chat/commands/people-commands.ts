import { SUITE_FIRST } from '../../../src/protocol/limits.ts';
import { foldName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { KeyInfo } from '../../sdk/people/shown.ts';
import type { Member } from '../../sdk/rooms/room.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { lifeText } from '../../texts/message-life.ts';
import { texts } from '../../texts/texts.ts';
import { isoDay } from '../model/dates.ts';
import { takeSettings } from '../settings-watch.ts';
import { type CommandContext, shownRoom } from './command-context.ts';

/** What a page about somebody may be ended with. */
const COMPARE = 'verify';
const VERIFY = 'verified';

const { people } = chatTexts;

/** The members of the room, with all that is known of each; what is chosen is shown in full. */
export async function pickMember(context: CommandContext): Promise<void> {
  const { room } = shownRoom(context);
  const members = await room.members();
  const chosen = await context.dialogs.pick({
    title: people.members_of(members.length, room.name),
    items: members.map((member) => ({ id: member.user, label: member.user, detail: memberText(member) })),
    nothing: people.nobody_called,
  });
  if (chosen !== undefined) await showPerson(context, chosen);
}

function memberText({ role, online, trust }: Member): string {
  const presence = online === undefined ? [] : [online ? people.online : people.away];
  return [...presence, ...(role === 'member' ? [] : [texts.words.role[role]]), people.trust[trust]].join(
    ' · ',
  );
}

/** Who is online in the room that is shown. */
export async function sayOnline(context: CommandContext): Promise<void> {
  const { room } = shownRoom(context);
  const online = (await room.members()).filter((member) => member.online === true).map(({ user }) => user);
  context.notices.say(
    online.length === 0 ? people.count_online(room.online, room.name) : people.who_online(online, room.name),
  );
  if (room.life > 0) context.notices.say(chatTexts.client.disappear.room_on(room.name, lifeText(room.life)));
  if (room.suite === SUITE_FIRST) return;
  context.notices.say(people.suite_of_room(room.suite));
  const { exposedBy: users } = room;
  if (users.length > 0) context.notices.say(texts.people.epoch('no_forward_secrecy', { users, number: 0 }));
}

/** Somebody's keys and how far they are trusted. */
export async function showPerson(context: CommandContext, name: string): Promise<void> {
  const person = await context.client.person(userNameOf(name));
  const answer = await context.dialogs.page({
    title: person.user,
    lines: [people.trust_is(people.trust[person.trust]), '', ...keyLines(person.keys)],
    choices: [{ id: COMPARE, label: people.compare }],
  });
  if (answer === COMPARE) await verifyPerson(context, person.user);
}

/** The own keys. */
export async function showKeys(context: CommandContext): Promise<void> {
  const me = await context.client.me();
  await context.dialogs.page({
    title: people.keys_of(me.user, me.server),
    lines: keyLines(context.client.keys()),
  });
}

function keyLines(keys: readonly KeyInfo[]): readonly string[] {
  return keys.flatMap(({ fingerprint, sequence, createdAt, current }) => [
    people.key(sequence + 1, isoDay(createdAt), current),
    ...grouped(fingerprint, 8, 4),
    '',
  ]);
}

/** Compares safety numbers. A changed key is shown as what it is, with what accepting it means. */
export async function verifyPerson(context: CommandContext, name: string): Promise<void> {
  const { client, dialogs, notices } = context;
  const safety = await client.safetyNumber(userNameOf(name));
  const digits = safety.number.replaceAll(' ', '');
  const isChanged = safety.trust === 'changed';
  const answer = await dialogs.page({
    title: people.safety_number(safety.user),
    lines: [
      ...grouped(digits, 5, 4),
      '',
      people.safety_number_about(safety.user),
      '',
      people.now(people.trust[safety.trust]),
      ...(isChanged ? people.changed(safety.user) : []),
      '',
      people.same_as_code,
    ],
    code: digits,
    choices:
      safety.trust === 'verified'
        ? []
        : [
            {
              id: VERIFY,
              label: isChanged ? people.same_changed : people.same,
            },
          ],
  });
  if (answer !== VERIFY) return;
  // The key that was shown, whatever the server shows by now.
  if (isChanged) await client.trust(safety.shown);
  await client.verify(safety.shown);
  trustMoved(context);
  notices.say(people.verified(safety.user));
}

/** Accepts a changed key without comparing. */
export async function trustPerson(context: CommandContext, name: string): Promise<void> {
  const { client, dialogs, notices } = context;
  const before = await client.person(userNameOf(name));
  if (before.trust !== 'changed') {
    notices.say(people.not_changed(before.user));
    return;
  }
  const about = [
    ...people.changed(before.user),
    '',
    people.new_fingerprint,
    ...grouped(before.fingerprint, 8, 4),
  ];
  if (!(await dialogs.confirm(people.accept(before.user), about, people.accept_yes))) return;
  await client.trust(before.shown);
  trustMoved(context);
  notices.say(people.accepted(before.user));
}

/** Every open room shows the person's trust. */
function trustMoved({ rooms, store }: CommandContext): void {
  for (const { id } of store.model.rooms) rooms.session(id)?.membersChanged();
}

/** Hides what somebody writes, or shows it again. */
export async function ignorePerson(context: CommandContext, name: string | undefined): Promise<void> {
  const { client, notices, store } = context;
  if (name === undefined) {
    const names = [...store.model.ignored].sort();
    notices.say(names.length === 0 ? people.ignoring_nobody : people.ignoring(names));
    return;
  }
  const user = userNameOf(name);
  if (foldName(user) === foldName((await client.me()).user))
    throw new ConclaveError('usage', people.not_yourself);
  const ignored = !store.model.ignored.has(foldName(user));
  // A mistyped name would hide nobody, and nobody would notice.
  if (ignored && client.status.state === 'online') await client.person(user);
  takeSettings(store, await client.userState.setIgnored(user, ignored));
  notices.say(ignored ? people.ignored(user) : people.not_ignored(user));
}

/** `perLine` groups of `size` characters on each line. */
export function grouped(text: string, size: number, perLine: number): readonly string[] {
  const groups = text.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < groups.length; at += perLine) lines.push(groups.slice(at, at + perLine).join(' '));
  return lines;
}

function userNameOf(text: string): UserName {
  const name = parseUserName(text);
  if (name === undefined) throw new ConclaveError('invalid_name', texts.local.bad_user_name);
  return name;
}
