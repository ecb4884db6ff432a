import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { AccountQuestions } from '../../chat/account/account-questions.ts';
import type { Model } from '../../chat/model/model.ts';
import { accessText, isHidden } from '../../chat/model/room-access.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { texts } from '../../texts/texts.ts';
import { webTexts } from '../../texts/web-texts.ts';
import { showAbout } from '../about.ts';
import type { PageSession } from '../page-session.ts';
import { saveFile } from '../save-file.ts';
import type { WebHost } from '../web-host.ts';
import type { Acting } from './acting.ts';
import { pressedInList } from './log-keys.ts';
import { showShortcuts } from './shortcuts.ts';
import type { PanelName, Panels } from './use-panels.ts';

const { page } = webTexts;
const { status } = chatTexts;

interface TopBarProps {
  readonly acting: Acting;
  readonly model: Model;
  readonly room: RoomModel | undefined;
  readonly host: WebHost;
  readonly session: PageSession;
  readonly panels: Panels;
  openSettings(): void;
}

/** Where one is, who one is, and what can be done besides writing. */
export function TopBar(props: TopBarProps): JSX.Element {
  const { model, panels, room } = props;
  return (
    <header class="top">
      <PanelButton panels={panels} name="rooms" label={page.show_rooms} sign="☰" />
      <h1>{room === undefined ? status.product : room.name}</h1>
      <p class="facts">{room !== undefined && factsOf(room).join(' · ')}</p>
      <p class="me">{model.me?.user}</p>
      <PanelButton panels={panels} name="members" label={page.show_members} sign="☺" />
      <Menu {...props} />
    </header>
  );
}

interface PanelButtonProps {
  readonly panels: Panels;
  readonly name: PanelName;
  readonly label: string;
  readonly sign: string;
}

function PanelButton({ label, name, panels, sign }: PanelButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="icon"
      aria-label={label}
      aria-controls={name}
      aria-expanded={panels.open.includes(name)}
      title={label}
      onClick={() => panels.toggle(name)}
    >
      {sign}
    </button>
  );
}

function factsOf(room: RoomModel): readonly string[] {
  const { gone, kept, members, online, open, settings } = room;
  if (gone) return [status.gone];
  if (!open) return [kept ? status.kept : status.opening];
  const { exposedBy, role, suite } = settings;
  return [
    accessText(room),
    ...(suite === 1 ? [] : [exposedBy.length > 0 ? status.no_forward_secrecy : status.suite(suite)]),
    ...(isHidden(room) ? [status.hidden] : []),
    members === undefined ? status.online(online) : status.online_of(online, members.length),
    ...(role === 'member' ? [] : [status.you_are(texts.words.role[role])]),
  ];
}

/** The browser opens and closes it, by keys too. */
function Menu({ acting, host, openSettings, room, session }: TopBarProps): JSX.Element {
  const box = useRef<HTMLDetailsElement>(null);
  const { application, chat, run } = acting;
  const close = (): void => {
    if (box.current?.open !== true) return;
    box.current.open = false;
    box.current.querySelector('summary')?.focus();
  };
  const choice = (label: string, work: () => Promise<unknown> | unknown): JSX.Element => (
    <button
      type="button"
      onClick={() => {
        close();
        run(work);
      }}
    >
      {label}
    </button>
  );
  return (
    <details
      ref={box}
      class="menu"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && box.current?.open === true) close();
        else if (!pressedInList(event, event.currentTarget)) return;
        event.preventDefault();
      }}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        if (relatedTarget instanceof Node && !currentTarget.contains(relatedTarget))
          currentTarget.open = false;
      }}
    >
      <summary aria-label={page.menu} title={page.menu}>
        ⋯
      </summary>
      <div>
        {choice(page.help, () => chat.showHelp())}
        {choice(page.shortcuts_title, () => showShortcuts(application.dialogs))}
        {choice(page.mark_read, () => chat.rooms.active?.markAllRead())}
        {room !== undefined && choice(page.leave_room, () => chat.carryOut('/leave'))}
        {choice(page.settings, openSettings)}
        {choice(page.export, () => exportAccount(acting, host, session))}
        {choice(page.backup, () => chat.carryOut('/backup'))}
        {choice(page.link, () => chat.carryOut('/link'))}
        {choice(page.about, () => showAbout(application.dialogs, session))}
        {choice(page.lock, () => chat.quit())}
      </div>
    </details>
  );
}

/** The very file that the command line exports. */
async function exportAccount(
  { application: { dialogs, notices } }: Acting,
  { storage, wishes }: WebHost,
  session: PageSession,
): Promise<void> {
  if (storage === undefined) return;
  const { name } = storage.account;
  await dialogs.page({ title: page.export_title, lines: [page.export_about] });
  const answer = await new AccountQuestions(dialogs, wishes).newPassphrase(name);
  if (answer === undefined) return;
  const file = await session.export(storage, answer.chosen);
  saveFile(`${name}.conclave`, file);
  notices.say(page.exported);
}
