import type { english } from '../english/english.ts';
import type { EpochEventName, LifeFaultName } from '../english/people.ts';
import type { Worded } from '../worded.ts';
import { counted, shown } from './numbers.ts';

/** Names in one line; beyond these it says how many more there are. */
const NAMES_MAX = 10;

function listed(names: readonly string[]): string {
  const first = names.slice(0, NAMES_MAX).join(', ');
  return names.length > NAMES_MAX ? `${first} und ${shown(names.length - NAMES_MAX)} weitere` : first;
}

export const people: Worded<typeof english>['people'] = {
  expulsion: ({ by, why }) => {
    if (by === undefined && why === undefined) return '';
    const reason = why === undefined ? '' : `: „${why}“`;
    return ` (${by === undefined ? '' : `von ${by}, `}sagt der Server${reason})`;
  },
  members_differ: ({ joined, left }) => {
    const parts = [
      ...(joined.length > 0 ? [`${listed(joined)} beigetreten`] : []),
      ...(left.length > 0 ? [`${listed(left)} gegangen`] : []),
    ];
    return `seit Sie zuletzt hier waren: ${parts.join('; ')}`;
  },
  people_full: ({ peopleMax }) =>
    `der Server hat mehr als ${shown(peopleMax)} Personen gezeigt: neuen wird nicht vertraut, und an sie wird nichts gesendet, es sei denn, Sie akzeptieren sie mit conclave trust oder im Chat mit /trust`,
  backup: ({ state }) =>
    ({
      rolled_back:
        'der Server ist zu einer älteren Sicherung Ihres Kontos zurückgekehrt: dieses Gerät legt an ihrer Stelle eine neue ab',
      gone: 'der Server hat die Sicherung Ihres Kontos nicht mehr: legen Sie mit conclave backup --new-code, oder im Chat mit /backup, eine an',
      elsewhere:
        'die Sicherung Ihres Kontos hat einen Wiederherstellungscode, den dieses Gerät nicht kennt: ein anderes Gerät hat sie angelegt, oder der Server ist zu einer älteren zurückgekehrt. conclave backup --new-code, oder im Chat /backup, legt hier eine an',
    })[state],
  state: ({ kind }) =>
    ({
      rolled_back:
        'der Server ist zu früheren Einstellungen von Ihnen zurückgekehrt: dieses Gerät legt an ihrer Stelle die späteren ab',
      refused:
        'die Einstellungen, die der Server für Sie aufbewahrt, lassen sich nicht öffnen: dieses Gerät ändert dort keine und verwendet seine eigenen, bis ein anderes Ihrer Geräte welche ablegt, die sich öffnen lassen. Im Chat setzt /sync die dieses Geräts an ihre Stelle',
      newer:
        'eine neuere Version hat Ihre Einstellungen abgelegt: aktualisieren Sie diesen Client. Bis dahin verwendet er seine eigenen und legt keine ab. Im Chat setzt /sync die dieses Geräts an ihre Stelle',
    })[kind],
  life_changed: ({ user, life }) =>
    life === undefined
      ? `${user} hat eingestellt, dass Nachrichten hier bleiben`
      : `${user} hat eingestellt, dass Nachrichten hier verschwinden: ${life}, nachdem sie gezeigt wurden`,
  life_refused: (kind, life) =>
    `${lifeFaults[kind]}: Nachrichten hier ${life === undefined ? 'bleiben weiterhin' : `verschwinden weiterhin nach ${life}`}`,
  new_recipients: ({ users }) => `ab jetzt können auch diese lesen, was Sie hier senden: ${listed(users)}`,
  epoch: (kind, { users, number }) => epochTexts[kind](listed(users), number),
};

const lifeFaults: Readonly<Record<LifeFaultName, string>> = {
  gone: 'der Server zeigt nicht mehr, wann Nachrichten hier verschwinden, was der Eigentümer eingestellt hatte',
  differs: 'der Server zeigt eine frühere oder eine zweite Einstellung, wann Nachrichten hier verschwinden',
  forged:
    'der Server zeigt eine Einstellung, wann Nachrichten hier verschwinden, die der Eigentümer nicht signiert hat',
  not_owner:
    'wann Nachrichten hier verschwinden, hat ein früherer Eigentümer oder ein früherer Schlüssel eingestellt, und der jetzige Eigentümer hat es nicht bestätigt',
};

const epochTexts: Readonly<Record<EpochEventName, (users: string, number: number) => string>> = {
  two_epochs: (_, number) =>
    `der Server zeigt zwei verschiedene Schlüssel mit der Nummer ${shown(number)}: hier wird nichts gesendet, bis Sie das akzeptieren`,
  epoch_of_server: (_, number) =>
    `der Server zeigt einen Schlüssel Nummer ${shown(number)}, den kein Mitglied erzeugt hat`,
  epoch_of_member: (users, number) =>
    `${users} hat einen Schlüssel Nummer ${shown(number)} erzeugt, der sich für Sie nicht öffnen lässt`,
  prekey_deleted: (_, number) =>
    `was den Schlüssel Nummer ${shown(number)} öffnet, ist nicht hier: Nachrichten unter ihm bleiben verschlossen`,
  epoch_unknown_form: (_, number) =>
    `der Schlüssel Nummer ${shown(number)} hat eine Form, die dieser Client nicht kennt: aktualisieren Sie den Client`,
  no_forward_secrecy: (users) =>
    `keine Vorwärtsgeheimhaltung: der dauerhafte Schlüssel von ${users} öffnet, was hier gesendet wird`,
  prekeys_gone: (users) => `der Server zeigt die Wochenschlüssel von ${users} nicht mehr`,
  own_prekeys_differ: () =>
    'der Server zeigt Wochenschlüssel Ihres Kontos, die nicht hier erzeugt wurden: eine andere Kopie des Kontos hat sie erzeugt, oder jemand hat Ihre Schlüssel',
  epochs_missing: (_, number) =>
    `Schlüssel vor der Nummer ${shown(number)} fehlen: der Server wurde vielleicht aus einer Sicherung wiederhergestellt`,
  keys_kept_shorter: (_, days) =>
    `ab jetzt werden Schlüssel von Nachrichten hier nach ${counted(days, 'Tag', 'Tagen')} gelöscht`,
};
