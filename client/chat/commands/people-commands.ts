import { foldName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { Member } from '../../sdk/api.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { KeyInfo } from '../../sdk/people/shown.ts';
import { isoDay } from '../model/dates.ts';
import { withIgnored } from '../model/model.ts';
import { type CommandContext, shownRoom } from './command-context.ts';

/** What a page about somebody may be ended with. */
const COMPARE = 'verify';
const VERIFY = 'verified';

const trustTexts = {
  verified: 'verified',
  verified_before: 'verified before, with another key: compare again',
  pinned: 'as first seen, not compared',
  changed: 'KEY CHANGED, not accepted',
} as const;

/** The members of the room, with all that is known of each; what is chosen is shown in full. */
export async function pickMember(context: CommandContext): Promise<void> {
  const { room } = shownRoom(context);
  const members = await room.members();
  const chosen = await context.dialogs.pick({
    title: `${members.length} ${members.length === 1 ? 'member' : 'members'} of ${room.name}`,
    items: members.map((member) => ({ id: member.user, label: member.user, detail: memberText(member) })),
    nothing: 'nobody of this name is in the room',
  });
  if (chosen !== undefined) await showPerson(context, chosen);
}

function memberText({ role, online, trust }: Member): string {
  const presence = online === undefined ? [] : [online ? 'online' : 'away'];
  return [...presence, ...(role === 'member' ? [] : [role]), trustTexts[trust]].join(' · ');
}

/** Who is online in the room that is shown. */
export async function sayOnline(context: CommandContext): Promise<void> {
  const { room } = shownRoom(context);
  const online = (await room.members()).filter((member) => member.online === true).map(({ user }) => user);
  context.notices.say(
    online.length === 0
      ? `${room.online} online in ${room.name}`
      : `online in ${room.name}: ${online.join(', ')}`,
  );
}

/** Somebody's keys and how far they are trusted. */
export async function showPerson(context: CommandContext, name: string): Promise<void> {
  const person = await context.client.person(userNameOf(name));
  const answer = await context.dialogs.page({
    title: person.user,
    lines: [`Trust: ${trustTexts[person.trust]}`, '', ...keyLines(person.keys)],
    choices: [{ id: COMPARE, label: 'compare safety numbers' }],
  });
  if (answer === COMPARE) await verifyPerson(context, person.user);
}

/** The own keys. */
export async function showKeys(context: CommandContext): Promise<void> {
  const me = await context.client.me();
  await context.dialogs.page({
    title: `Keys of ${me.user} at ${me.server}`,
    lines: keyLines(context.client.keys()),
  });
}

function keyLines(keys: readonly KeyInfo[]): readonly string[] {
  return keys.flatMap(({ fingerprint, sequence, createdAt, current }) => [
    `Key ${sequence + 1}${current ? ' (current)' : ''}, made ${isoDay(createdAt)}`,
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
    title: `Safety number with ${safety.user}`,
    lines: [
      ...grouped(digits, 5, 4),
      '',
      `${safety.user} sees the same number with /verify. Compare it on the phone or face to face: the same digits mean that nobody sits between you.`,
      '',
      `Now: ${trustTexts[safety.trust]}.`,
      ...(isChanged ? changedLines(safety.user) : []),
      '',
      'The same as a QR code:',
    ],
    code: digits,
    choices:
      safety.trust === 'verified'
        ? []
        : [
            {
              id: VERIFY,
              label: isChanged ? 'it is the same: accept and mark verified' : 'it is the same: mark verified',
            },
          ],
  });
  if (answer !== VERIFY) return;
  // The key that was shown, whatever the server shows by now.
  if (isChanged) await client.trust(safety.shown);
  await client.verify(safety.shown);
  trustMoved(context);
  notices.say(`${safety.user} is verified`);
}

function changedLines(user: string): readonly string[] {
  return [
    `The key of ${user} is not the one seen before: a new machine, or somebody in between.`,
    'Until you accept it, nothing is sent in the rooms that you share.',
  ];
}

/** Accepts a changed key without comparing. */
export async function trustPerson(context: CommandContext, name: string): Promise<void> {
  const { client, dialogs, notices } = context;
  const before = await client.person(userNameOf(name));
  if (before.trust !== 'changed') {
    notices.say(`the key of ${before.user} has not changed: /verify ${before.user} compares it`);
    return;
  }
  const about = [
    ...changedLines(before.user),
    '',
    'The new fingerprint:',
    ...grouped(before.fingerprint, 8, 4),
  ];
  if (!(await dialogs.confirm(`Accept the new key of ${before.user} without comparing?`, about, 'accept')))
    return;
  await client.trust(before.shown);
  trustMoved(context);
  notices.say(`the new key of ${before.user} is accepted; sending works again`);
}

/** Every open room shows the person's trust. */
function trustMoved({ rooms, store }: CommandContext): void {
  for (const { id } of store.model.rooms) rooms.session(id)?.membersChanged();
}

/** Hides what somebody writes, or shows it again. */
export async function ignorePerson(context: CommandContext, name: string | undefined): Promise<void> {
  const { client, memory, notices, store } = context;
  if (name === undefined) {
    const names = [...store.model.ignored].sort();
    notices.say(names.length === 0 ? 'you ignore nobody' : `you ignore ${names.join(', ')}`);
    return;
  }
  const user = userNameOf(name);
  if (foldName(user) === foldName((await client.me()).user))
    throw new ConclaveError('usage', 'your own messages cannot be hidden');
  // A mistyped name would hide nobody, and nobody would notice.
  if (!store.model.ignored.has(foldName(user)) && client.status.state === 'online') await client.person(user);
  const ignored = await memory.toggleIgnored(user);
  const names = await memory.ignored();
  store.change((model) => withIgnored(model, names));
  notices.say(
    ignored
      ? `messages of ${user} are hidden; /ignore ${user} shows them again`
      : `messages of ${user} are shown again`,
  );
}

/** `perLine` groups of `size` characters on each line. */
function grouped(text: string, size: number, perLine: number): readonly string[] {
  const groups = text.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < groups.length; at += perLine) lines.push(groups.slice(at, at + perLine).join(' '));
  return lines;
}

function userNameOf(text: string): UserName {
  const name = parseUserName(text);
  if (name === undefined)
    throw new ConclaveError('invalid_name', 'a user name is 3 to 20 ASCII letters and digits');
  return name;
}
