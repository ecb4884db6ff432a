import { asSentence } from '../../as-sentence.ts';
import type { chatEnglish } from '../../english/chat-english.ts';
import type { Worded } from '../../worded.ts';
import { counted, shown } from '../numbers.ts';

type English = Worded<typeof chatEnglish>;

export const people: English['people'] = {
  trust: {
    verified: 'verifiziert',
    verified_before: 'früher verifiziert, mit einem anderen Schlüssel: vergleichen Sie noch einmal',
    pinned: 'wie zuerst gesehen, nicht verglichen',
    changed: 'SCHLÜSSEL GEÄNDERT, nicht akzeptiert',
  },
  members_of: (count, room) => `${counted(count, 'Mitglied', 'Mitglieder')} von ${room}`,
  nobody_called: 'kein Mitglied passt',
  online: 'online',
  away: 'abwesend',
  count_online: (count, room) => `${shown(count)} online in ${room}`,
  who_online: (users, room) => `online in ${room}: ${users.join(', ')}`,
  suite_of_room: (suite) => `Nachrichten werden mit Suite ${suite} verschlüsselt`,
  trust_is: (trust) => `Vertrauen: ${trust}`,
  compare: 'Sicherheitsnummern vergleichen',
  keys_of: (user, server) => `Schlüssel von ${user} bei ${server}`,
  key: (number, made, isCurrent) =>
    `Schlüssel ${shown(number)}${isCurrent ? ' (der jetzige)' : ''}, erzeugt am ${made}`,
  safety_number: (user) => `Sicherheitsnummer mit ${user}`,
  safety_number_about: (user) =>
    `${user} sieht dieselbe Nummer mit /verify. Vergleichen Sie sie am Telefon oder persönlich: wenn alle Ziffern gleich sind, sitzt niemand zwischen Ihnen.`,
  now: (trust) => `Jetzt: ${trust}.`,
  same_as_code: 'Dasselbe als QR-Code:',
  same: 'sie stimmt überein: als verifiziert markieren',
  same_changed: 'sie stimmt überein: akzeptieren und als verifiziert markieren',
  verified: (user) => `${user} ist verifiziert`,
  changed: (user) => [
    `${user} hat einen anderen Schlüssel als vorher: ein neues Gerät, oder jemand sitzt dazwischen.`,
    'Bis Sie ihn akzeptieren, wird in den Räumen, die Sie teilen, nichts gesendet.',
  ],
  not_changed: (user) => `der Schlüssel von ${user} hat sich nicht geändert: /verify ${user} vergleicht ihn`,
  new_fingerprint: 'Der neue Fingerabdruck:',
  accept: (user) => `Den neuen Schlüssel von ${user} akzeptieren, ohne zu vergleichen?`,
  accept_yes: 'akzeptieren',
  accepted: (user) => `neuer Schlüssel von ${user} akzeptiert: es kann wieder gesendet werden`,
  ignoring_nobody: 'Sie ignorieren niemanden',
  ignoring: (users) => `Sie ignorieren ${users.join(', ')}`,
  not_yourself: 'Sie können sich nicht selbst ignorieren',
  ignored: (user) => `Nachrichten von ${user} sind verborgen; /ignore ${user} zeigt sie wieder`,
  not_ignored: (user) => `Nachrichten von ${user} werden wieder gezeigt`,
};

export const notices: English['notices'] = {
  rotated: (user) =>
    `${user} ist nicht mehr verifiziert: ein neuer Schlüssel, vom alten signiert. Vergleichen Sie noch einmal mit /verify ${user}`,
  key_changed: (user) =>
    `Der Schlüssel von ${user} hat sich geändert. In Räumen, die Sie teilen, wird nichts gesendet, bis Sie ihn mit /verify ${user} vergleichen oder mit /trust ${user} akzeptieren.`,
  membership_moved: (room, from, to) =>
    `Der Server sagt, Sie seien ${room} wieder beigetreten: Nachrichten von ${from} bis ${to} sind vielleicht verborgen`,
  in_room: (room, said) => `${room}: ${said}`,
  kept_only: (reason) =>
    `Noch nicht verbunden: ${asSentence(reason)} Das wurde hier aufbewahrt und kann sich seitdem geändert haben.`,
  rooms_followed: (count) =>
    `der Server lässt Sie ${count} Räumen zugleich folgen: die anderen zeigen beim Öffnen, was neu ist`,
  message_in: (from, room) => `${from} hat in ${room} geschrieben`,
  mention_in: (from, room) => `${from} hat Sie in ${room} erwähnt`,
};

export const rooms: English['rooms'] = {
  join_usage: 'Verwendung: /join RAUM',
  password_of: (room) => `Passwort von ${room}`,
  password_of_unlisted: (room) => `${room} ist verschlossen, oder es gibt den Raum nicht. Passwort:`,
  password_about:
    'Das Passwort bleibt auf diesem Gerät: der Server erhält nur einen Nachweis, dass Sie es kennen.',
  wrong_password: 'falsches Passwort',
  wrong_password_or_room: (room) => `falsches Passwort, oder es gibt keinen Raum namens ${room}`,
  not_its_password: (room) => `das ist nicht das Passwort von ${room}`,
  is_this_it: (room) => `Ist das der Raum ${room}, den Sie meinen?`,
  is_this_it_yes: 'trotzdem beitreten',
  accept_room: (room) => `${room} verwenden, wie der Raum jetzt ist?`,
  accept_room_yes: 'verwenden',
  not_in: (room) => `Sie sind nicht in ${room}`,
  not_in_any: 'Sie sind in keinem Raum',
  no_room: 'Sie sind noch in keinem Raum: /rooms zeigt Räume, /join RAUM tritt einem bei',
  no_longer_in: (room) => `Sie sind kein Mitglied von ${room} mehr`,
  only_kept: (room) =>
    `noch nicht verbunden: in ${room} lässt sich noch nichts tun, und was Sie getippt haben, bleibt stehen`,
  not_open_yet: (room) => `${room} ist noch nicht offen`,
  leave: (room) => `${room} verlassen?`,
  leave_about: 'Sie erhalten keine Nachrichten mehr von dort und können die alten nicht mehr lesen.',
  leave_yes: 'verlassen',
  left: (room) => `Sie haben ${room} verlassen`,
  new_password: (room) => `Neues Passwort von ${room}`,
  new_password_about: '6 bis 60 Zeichen. Mitglieder brauchen es, um zu lesen, was ab jetzt geschrieben wird.',
  bad_password: 'ein Passwort hat 6 bis 60 Zeichen',
  repeat_password: 'Passwort wiederholen',
  passwords_differ: 'die Passwörter sind verschieden: geben Sie es noch einmal ein',
  online: (count) => `${shown(count)} online`,
  members: (count) => counted(count, 'Mitglied', 'Mitglieder'),
  has_password: 'Passwort',
  suite: (suite) => `Suite ${suite}`,
  you_are_in_it: 'Sie sind darin',
  list: (online) => `Räume · ${counted(online, 'Person', 'Personen')} online`,
  none_listed: 'kein solcher Raum ist aufgelistet; /create NAME legt einen an',
  go_to: 'Zum Raum',
  none_of_yours: 'keiner Ihrer Räume passt',
  mentions: (count) => counted(count, 'Erwähnung', 'Erwähnungen'),
  unread: (count) => `${count} ungelesen`,
};

export const events: English['events'] = {
  joined: (user) => `${user} ist beigetreten`,
  left: (user) => `${user} ist gegangen`,
  kicked: (user, told) => `${user} wurde hinausgeworfen${told}`,
  banned: (user, told) => `${user} wurde ausgesperrt${told}`,
  is_owner: (user) => `${user} ist jetzt Eigentümer`,
  is_moderator: (user) => `${user} ist jetzt Moderator`,
  is_member: (user) => `${user} ist jetzt einfaches Mitglied`,
  key_signed: (user) => `${user} hat einen neuen Schlüssel, vom alten signiert`,
  key_changed: (user) =>
    `${user} hat einen anderen Schlüssel als vorher: hier wird nicht mehr gesendet. Vergleichen Sie ihn mit /verify ${user}, oder akzeptieren Sie ihn mit /trust ${user}`,
  gone: {
    deleted: (_told) => 'der Raum wurde gelöscht',
    left: (_told) => 'Sie haben diesen Raum verlassen',
    kicked: (told) => `Sie wurden aus diesem Raum hinausgeworfen${told}; /join tritt wieder bei`,
    banned: (told) => `Sie wurden aus diesem Raum ausgesperrt${told}`,
  },
  renamed: (former, room) => `der Raum ${former} heißt jetzt ${room}`,
  not_stored: 'Nachrichten werden nicht mehr gespeichert',
  stored: (time) => `Nachrichten werden für ${time} gespeichert`,
  hidden: 'der Raum ist jetzt verborgen',
  listed: 'der Raum ist jetzt aufgelistet',
  header_raised: 'Nachrichten halten jetzt fest, was ihre Absender gesehen hatten',
  suite_raised: (suite) =>
    `ein Schlüssel dient jetzt vielen Nachrichten (Suite ${suite}): ältere Clients können sie nicht lesen`,
  new_password: 'der Raum hat ein neues Passwort: /join fragt danach',
  has_password: 'der Raum hat jetzt ein Passwort',
  no_password: 'der Raum hat kein Passwort mehr: /join akzeptiert das',
  settings: (room) => `die Einstellungen von ${room} haben sich geändert`,
  and: (changes) => changes.join('; '),
};

export const moderation: English['moderation'] = {
  kicked: (user, room) => `${user} aus ${room} hinausgeworfen`,
  ban: (user, room) => `${user} aus ${room} aussperren?`,
  ban_about: (user) => `${user} kann nicht wieder beitreten, bis /unban ${user}.`,
  ban_yes: 'aussperren',
  banned: (user, room) => `${user} aus ${room} ausgesperrt`,
  unbanned: (user, room) => `${user} darf ${room} wieder beitreten`,
  granted: (user, room) => `${user} ist jetzt Moderator von ${room}`,
  revoked: (user, room) => `${user} ist jetzt einfaches Mitglied von ${room}`,
  not_a_member: (user, room) => `${user} ist nicht in ${room}.`,
  hand_over: (user, room) => `${room} an ${user} übergeben?`,
  hand_over_about: (user) =>
    `${user} wird der Raum gehören, und Sie werden Moderator. Nur ${user} kann ihn zurückgeben.`,
  hand_over_yes: 'übergeben',
  handed_over: (user, room) => `${room} gehört jetzt ${user}`,
  renamed: (former, room) => `${former} in ${room} umbenannt`,
  store: (room, time) => `Nachrichten in ${room} für ${time} speichern?`,
  store_nothing: (room) => `In ${room} keine Nachrichten mehr speichern?`,
  store_nothing_about: 'Alles jetzt Gespeicherte wird gelöscht, und nichts mehr wird gespeichert.',
  store_less_about: 'Gespeicherte Nachrichten, die älter sind, werden gelöscht.',
  store_yes: 'ändern',
  stored: (room, time) => `Nachrichten in ${room} werden für ${time} gespeichert`,
  stores_nothing: (room) => `Nachrichten in ${room} werden nicht mehr gespeichert`,
  header_already: (room) => `Nachrichten in ${room} halten schon fest, was ihre Absender gesehen hatten`,
  header: (room) => `Nachrichten in ${room} festhalten lassen, was ihre Absender gesehen hatten?`,
  header_about: (release) => [
    'Mitglieder werden dann gewarnt, wenn der Server ihnen Nachrichten in einer anderen Reihenfolge zeigt als dem Absender.',
    `Mitglieder, deren Client älter als Version ${release} ist, können hier nicht mehr lesen und schreiben.`,
    'Das lässt sich nicht rückgängig machen.',
  ],
  header_yes: 'festhalten lassen',
  header_raised: (room) => `Nachrichten in ${room} halten jetzt fest, was ihre Absender gesehen hatten`,
  hidden: (room) => `${room} ist in der Liste verborgen`,
  listed: (room) => `${room} steht in der Liste`,
  remove_password: (room) => `Das Passwort von ${room} entfernen?`,
  remove_password_about:
    'Wer beitritt, kann lesen, was ab jetzt geschrieben wird, und der Server kann Mitglieder hinzufügen.',
  remove_password_yes: 'entfernen',
  password_removed: (room) => `${room} hat kein Passwort mehr`,
  password_changed: (room) => `${room} hat ein neues Passwort`,
  tell_nobody: 'Niemand sonst muss es erfahren.',
  tell_removed: 'Diese Mitglieder müssen das akzeptieren, bevor sie hier wieder lesen und schreiben können:',
  tell_changed:
    'Sagen Sie diesen Mitgliedern das neue Passwort auf einem Weg, dem Sie vertrauen. Bis dahin können sie neue Nachrichten nicht lesen und nicht schreiben:',
  old_stay_readable: 'Alte Nachrichten bleiben für alle lesbar, die sie lesen konnten.',
  delete: (room) => `${room} für alle Mitglieder löschen?`,
  delete_about: (room) => [
    'Auch alles, was für ihn gespeichert ist, wird gelöscht. Das lässt sich nicht rückgängig machen.',
    `Geben Sie zur Bestätigung ${room} ein.`,
  ],
  not_its_name: (room) => `das ist nicht ${room}`,
  deleted: (room) => `${room} gelöscht`,
};
