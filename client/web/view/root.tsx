import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { webTexts } from '../../texts/web-texts.ts';
import type { PageSession } from '../page-session.ts';
import { ChatPage } from './chat-page.tsx';
import { Choosing } from './choosing.tsx';
import { Plain } from './plain.tsx';
import { useTheme } from './use-preferences.ts';

const { welcome } = webTexts;

export function Root({ session }: { readonly session: PageSession }): JSX.Element {
  const [stage, show] = useState(session.stage);
  useLayoutEffect(() => session.watch(() => show(session.stage)), [session]);
  useTheme(session.preferences);
  switch (stage.kind) {
    case 'choosing':
      return <Choosing session={session} users={stage.users} notice={stage.notice} />;
    case 'elsewhere':
      return (
        <Plain title={welcome.elsewhere(stage.user)} text={welcome.elsewhere_about}>
          <button type="button" class="main" onClick={() => void session.takeOver(stage.user)}>
            {welcome.take_over}
          </button>
          <button type="button" onClick={() => void session.choose()}>
            {welcome.other_account}
          </button>
        </Plain>
      );
    case 'open':
      return (
        <ChatPage
          key={stage.application}
          application={stage.application}
          host={stage.host}
          files={stage.files}
          session={session}
        />
      );
    case 'locking':
      return <Plain text={welcome.locking} />;
    case 'ended':
      return (
        <Plain text={stage.text}>
          <button type="button" class="main" onClick={() => location.reload()}>
            {welcome.again}
          </button>
        </Plain>
      );
    default:
      return stage satisfies never;
  }
}
