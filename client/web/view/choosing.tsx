import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { UserName } from '../../../src/protocol/names.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { PageSession } from '../page-session.ts';
import { DialogBox } from './dialog-box.tsx';
import { Plain } from './plain.tsx';
import { useModel } from './use-model.ts';

const { welcome } = webTexts;

interface ChoosingProps {
  readonly session: PageSession;
  readonly users: readonly UserName[];
  readonly notice: string | undefined;
}

/** Which account: one of this browser, a new one, or one from a file or a backup. */
export function Choosing({ session, users, notice }: ChoosingProps): JSX.Element {
  const model = useModel(session.store);
  const file = useRef<HTMLInputElement>(null);
  const taken = (): void => {
    const chosen = file.current?.files?.[0];
    if (chosen !== undefined) void session.import(chosen);
    if (file.current !== null) file.current.value = '';
  };
  return (
    <Plain>
      <p>{welcome.about}</p>
      {notice !== undefined && (
        <p role="status" class="notice">
          {notice}
        </p>
      )}
      {users.length > 0 && (
        <section aria-label={welcome.accounts} class="accounts">
          {users.map((user) => (
            <div key={user}>
              <button type="button" class="main" onClick={() => void session.open(user)}>
                {welcome.open(user)}
              </button>
              <button type="button" class="quiet" onClick={() => void session.remove(user)}>
                {welcome.remove(user)}
              </button>
            </div>
          ))}
        </section>
      )}
      <button
        type="button"
        class={users.length === 0 ? 'main' : ''}
        onClick={() => void session.open(undefined)}
      >
        {welcome.new_account}
      </button>
      <button type="button" onClick={() => file.current?.click()}>
        {welcome.import}
      </button>
      <button type="button" onClick={() => void session.link()}>
        {welcome.link}
      </button>
      <button type="button" onClick={() => void session.restore()}>
        {welcome.restore}
      </button>
      <input ref={file} type="file" hidden onChange={taken} aria-label={welcome.import} />
      <p class="fine">{session.isRelayed ? welcome.relayed : welcome.served}</p>
      {model.dialog !== undefined && (
        <DialogBox key={model.dialog.number} dialog={model.dialog} dialogs={session.dialogs} />
      )}
    </Plain>
  );
}
