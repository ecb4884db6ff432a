import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { NotifyLevel } from '../../../src/protocol/layouts/user-state.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import { webTexts } from '../../texts/web-texts.ts';
import { IDLE_MINUTES, LANGUAGES, type PreferenceStore, THEMES } from '../preferences.ts';
import { askToKeep, isKept } from '../storage/persistence.ts';
import { askForNotifications, notificationState } from '../web-notifications.ts';
import type { Acting } from './acting.ts';
import { Buttons, Modal } from './dialog-box.tsx';
import { usePreferences } from './use-preferences.ts';

const { page, settings: texts } = webTexts;
const LEVELS: readonly NotifyLevel[] = ['all', 'mentions', 'none'];

interface SettingsProps {
  readonly acting: Acting;
  readonly preferences: PreferenceStore;
  readonly room: RoomModel | undefined;
  readonly hasPassphrase: boolean;
  close(): void;
}

/** What somebody can choose in this browser, and for the room that is shown. Each choice counts at once. */
export function SettingsDialog({
  acting,
  preferences,
  room,
  hasPassphrase,
  close,
}: SettingsProps): JSX.Element {
  const chosen = usePreferences(preferences);
  return (
    <Modal title={texts.title} name="settings" dismiss={close}>
      <div class="text">
        <Choice
          label={texts.language}
          choices={LANGUAGES}
          value={chosen.language}
          nameOf={(language) => texts.languages[language]}
          choose={(language) => preferences.change({ language })}
        />
        <p class="fine">{texts.language_about}</p>
        <Choice
          label={texts.theme}
          choices={THEMES}
          value={chosen.theme}
          nameOf={(theme) => texts.themes[theme]}
          choose={(theme) => preferences.change({ theme })}
        />
        <Switch label={texts.typing} on={chosen.typing} turn={(typing) => preferences.change({ typing })} />
        <NotificationSettings preferences={preferences} />
        {room !== undefined && (
          <Choice
            label={texts.room_level(room.name)}
            choices={LEVELS}
            value={room.notify}
            nameOf={(level) => texts.levels[level]}
            choose={(level) => acting.run(() => acting.chat.carryOut(`/notify ${level}`))}
          />
        )}
        <Choice
          label={texts.idle}
          choices={IDLE_MINUTES}
          value={chosen.idleMinutes}
          nameOf={(minutes) => texts.minutes(minutes)}
          choose={(idleMinutes) => preferences.change({ idleMinutes })}
          disabled={!hasPassphrase}
        />
        <p class="fine">{hasPassphrase ? texts.idle_about : texts.idle_without_passphrase}</p>
        <Storage />
      </div>
      <Buttons>
        <button type="button" class="main" onClick={close}>
          {page.close}
        </button>
      </Buttons>
    </Modal>
  );
}

function NotificationSettings({ preferences }: Pick<SettingsProps, 'preferences'>): JSX.Element {
  const { hidesNames, notify } = usePreferences(preferences);
  const [isRefused, refuse] = useState(notificationState() === 'refused');
  const isMissing = notificationState() === 'missing';
  const turn = (on: boolean): void => {
    if (!on) preferences.change({ notify: false });
    else
      void askForNotifications().then((mayShow) => {
        refuse(!mayShow);
        preferences.change({ notify: mayShow });
      });
  };
  const isOn = notify && notificationState() === 'shown';
  return (
    <>
      <Switch label={texts.notify} on={isOn} turn={turn} disabled={isMissing} />
      <p role="status" class="fine">
        {isMissing ? texts.notify_missing : isRefused ? texts.notify_refused : texts.notify_about}
      </p>
      <Switch
        label={texts.hide_names}
        on={hidesNames}
        turn={(hides) => preferences.change({ hidesNames: hides })}
        disabled={!isOn}
      />
    </>
  );
}

/** Whether the browser may delete what it keeps. */
function Storage(): JSX.Element {
  const [keeps, know] = useState<boolean>();
  useEffect(() => {
    isKept().then(know, () => undefined);
  }, []);
  const ask = (): void => void askToKeep().then(know, () => undefined);
  return (
    <>
      <p role="status" class={keeps === false ? 'warning' : 'fine'}>
        {keeps === undefined ? '' : keeps ? texts.kept : texts.evictable}
      </p>
      {keeps === false && (
        <button type="button" onClick={ask}>
          {texts.keep}
        </button>
      )}
    </>
  );
}

interface ChoiceProps<T extends string | number> {
  readonly label: string;
  readonly choices: readonly T[];
  readonly value: T;
  readonly disabled?: boolean;
  nameOf(choice: T): string;
  choose(choice: T): void;
}

function Choice<T extends string | number>(props: ChoiceProps<T>): JSX.Element {
  const { choices, choose, disabled = false, label, nameOf, value } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <select
        disabled={disabled}
        value={value}
        onChange={({ currentTarget }) => {
          const chosen = choices[currentTarget.selectedIndex];
          if (chosen !== undefined) choose(chosen);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {nameOf(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  turn(on: boolean): void;
}

function Switch({ label, on, turn, disabled = false }: SwitchProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="checkbox"
        checked={on}
        disabled={disabled}
        onChange={({ currentTarget }) => turn(currentTarget.checked)}
      />
    </label>
  );
}
