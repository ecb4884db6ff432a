import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { Application } from '../../chat/application.ts';
import { activeRoom, type Model } from '../../chat/model/model.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { PageSession } from '../page-session.ts';
import { askToKeep } from '../storage/persistence.ts';
import type { WebFiles } from '../web-files.ts';
import type { WebHost } from '../web-host.ts';
import { type Acting, actingOn } from './acting.ts';
import { Composer } from './composer.tsx';
import { DialogBox } from './dialog-box.tsx';
import { Members } from './members.tsx';
import { Plain } from './plain.tsx';
import { RoomActions, Rooms } from './rooms.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import { useShortcuts } from './shortcuts.ts';
import { StartPage } from './start-page.tsx';
import { Notices, StatusLine } from './status-line.tsx';
import { Timeline } from './timeline.tsx';
import { TopBar } from './top-bar.tsx';
import { useIdleLock } from './use-idle-lock.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { useModel } from './use-model.ts';
import { usePanels } from './use-panels.ts';
import { usePreferences } from './use-preferences.ts';

const { page: texts } = webTexts;

interface ChatPageProps {
  readonly application: Application;
  readonly host: WebHost;
  readonly files: WebFiles;
  readonly session: PageSession;
}

export function ChatPage({ application, files, host, session }: ChatPageProps): JSX.Element {
  const model = useModel(application.store);
  const { chat } = application;
  const acting = useMemo(() => chat && actingOn(application, chat, files), [application, chat, files]);
  useTitle(application);
  useFocus(application);
  const dialog = model.dialog !== undefined && (
    <DialogBox key={model.dialog.number} dialog={model.dialog} dialogs={application.dialogs} />
  );
  if (model.me === undefined || acting === undefined)
    return (
      <Plain>
        <StartPage start={model.start} />
        {dialog}
      </Plain>
    );
  return (
    <>
      <Conversation acting={acting} model={model} host={host} session={session} />
      {dialog}
    </>
  );
}

interface ConversationProps {
  readonly acting: Acting;
  readonly model: Model;
  readonly host: WebHost;
  readonly session: PageSession;
}

function Conversation({ acting, model, host, session }: ConversationProps): JSX.Element {
  const panels = usePanels();
  const [hasSettings, showSettings] = useState(false);
  const room = activeRoom(model);
  const hasPassphrase = useLocking(acting, model, session);
  usePersistence(acting, session);
  useShortcuts(acting, panels.uncover);
  useKeptFocus();
  // On a narrow page the list covers the conversation: whoever chose a room wants to read it.
  const choose = (id: (typeof model.rooms)[number]['id']): void => {
    acting.chat.rooms.activate(id);
    panels.uncover();
  };
  return (
    <div class="chat" data-rooms={panels.shown.rooms} data-members={panels.shown.members}>
      <TopBar {...{ acting, model, panels, room, host, session }} openSettings={() => showSettings(true)} />
      <nav id="rooms" aria-label={texts.rooms}>
        <Rooms acting={acting} model={model} choose={choose} begin={panels.uncover} />
      </nav>
      <main
        onPointerDown={() => panels.uncover()}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => dropped(event, acting)}
      >
        {room === undefined ? (
          <div class="plain">
            <h2>{texts.no_room}</h2>
            <p>{texts.no_room_about}</p>
            <RoomActions acting={acting} look="main" />
          </div>
        ) : (
          <Timeline key={room.id} acting={acting} model={model} room={room} />
        )}
        <Notices acting={acting} model={model} />
        <Composer key={room?.id} acting={acting} room={room} />
        <StatusLine acting={acting} model={model} room={room} />
      </main>
      <aside id="members" aria-label={texts.members}>
        {room !== undefined && <Members acting={acting} room={room} me={model.me?.id} />}
      </aside>
      {hasSettings && (
        <SettingsDialog
          {...{ acting, hasPassphrase, room }}
          preferences={session.preferences}
          close={() => showSettings(false)}
        />
      )}
    </div>
  );
}

/** Locks the account as somebody chose; whether that keeps anybody out. */
function useLocking({ application }: Acting, { me }: Model, session: PageSession): boolean {
  const [hasPassphrase, know] = useState(false);
  const { idleMinutes } = usePreferences(session.preferences);
  const user = me?.user;
  useEffect(() => {
    if (user !== undefined) void session.hasPassphrase(user).then(know);
  }, [session, user]);
  const isBusy = useCallback(() => session.isSending, [session]);
  const lock = useCallback(() => {
    if (user !== undefined) void session.lock(application, user);
  }, [application, session, user]);
  useIdleLock(hasPassphrase ? idleMinutes : 0, isBusy, lock);
  return hasPassphrase;
}

/** Asks the browser to keep what it stores, and says once what it means that it does not. */
function usePersistence({ application }: Acting, { preferences }: PageSession): void {
  useEffect(() => {
    const told = (keeps: boolean): void => {
      if (keeps || preferences.current.knowsEviction) return;
      preferences.change({ knowsEviction: true });
      application.notices.say(webTexts.welcome.evictable);
    };
    askToKeep().then(told, () => undefined);
  }, [application, preferences]);
}

/** Files that somebody drops on the conversation; anything else is left to the browser. */
function dropped(event: DragEvent, { sendFiles }: Acting): void {
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length === 0) return;
  event.preventDefault();
  sendFiles(files);
}

/** The room that is shown, after the number of messages that nobody has read; also while the tab is in the background. */
function useTitle({ store }: Application): void {
  useLayoutEffect(() => {
    const write = (): void => {
      const { model } = store;
      const waiting = model.rooms.reduce((sum, room) => sum + unreadIn(room), 0);
      const room = activeRoom(model);
      const { product, window: title } = chatTexts.status;
      const name = room === undefined ? product : title(room.name);
      document.title = waiting > 0 ? `(${waiting}) ${name}` : name;
    };
    write();
    return store.watch(write);
  }, [store]);
}

/** In a room that somebody muted, none. */
function unreadIn({ mentions, notify, unread }: RoomModel): number {
  return notify === 'none' ? 0 : Math.max(mentions, unread);
}

function useFocus(application: Application): void {
  useEffect(() => {
    const tell = (): void => application.focus(document.hasFocus());
    tell();
    const events = ['focus', 'blur'] as const;
    for (const event of events) addEventListener(event, tell);
    return () => {
      for (const event of events) removeEventListener(event, tell);
    };
  }, [application]);
}
