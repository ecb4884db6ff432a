import type { chatEnglish } from '../../english/chat-english.ts';
import type { Worded } from '../../worded.ts';
import { counted } from '../numbers.ts';

type English = Worded<typeof chatEnglish>;

export const contacts: English['contacts'] = {
  invited: (from, room, key) =>
    `${from} lädt Sie in den Raum ${room} ein (${key}): /join ${room} nimmt an, /decline ${room} lehnt ab`,
  writes: (from, room, key) =>
    `${from} möchte Ihnen direkt schreiben (${key}): /join ${room} nimmt an, /decline ${room} lehnt ab, /block ${from} blockiert`,
  key: (trust, fingerprint) => `${trust}, Schlüssel ${fingerprint.slice(0, 16)}…`,
  waiting: 'Einladungen',
  none_waiting: 'keine Einladung wartet auf Sie',
  to_room: (room) => `in den Raum ${room}`,
  to_direct: 'Direktnachrichten',
  room_invitation: (from, room) => `${from} lädt Sie in den Raum ${room} ein`,
  direct_invitation: (from) => `${from} möchte Ihnen direkt schreiben`,
  about: (trust) => [`Vertrauen: ${trust}`, '', 'Fingerabdruck:'],
  has_password: 'Der Raum hat ein Passwort, nach dem Sie gefragt werden.',
  link: (room) => `${room} beitreten?`,
  link_about:
    'Ein Link hat diese Seite geöffnet, um diesem Raum beizutreten. Seine Mitglieder sehen Ihren Namen und wann Sie online sind.',
  link_open: 'Jeder auf diesem Server darf ihm beitreten.',
  link_locked: 'Er hat ein Passwort, oder es gibt ihn nicht.',
  link_yes: 'beitreten',
  accept: 'annehmen',
  decline: 'ablehnen',
  block: 'blockieren',
  declined: (room) => `${room} abgelehnt`,
  not_invited: (room) =>
    `keine Einladung in den Raum ${room} wartet auf Sie: /invitations zeigt die Einladungen`,
  decline_which: 'Verwendung: /decline RAUM, mit dem Raum einer Einladung',
  unproven: (from, room) =>
    `Der Server zeigt eine Einladung von ${from} in den Raum ${room}, die ${from} nicht mit dem hier bekannten Schlüssel signiert hat: sie wird nicht gezeigt. Bitten Sie ${from}, Sie noch einmal einzuladen.`,
  sent: (user, room) => `${user} in den Raum ${room} eingeladen`,
  direct_is_for_two: 'Direktnachrichten sind für zwei: legen Sie für mehr einen Raum an',
  block_question: (user) => `${user} blockieren?`,
  block_about: (user) => [
    `${user} kann Sie nicht mehr einladen und Ihnen nicht mehr direkt schreiben und erfährt nicht, warum.`,
    'Sie verlassen den gemeinsamen Direktraum. In Räumen, die Sie teilen, verbirgt /ignore Nachrichten.',
  ],
  blocked: (user) => `${user} ist blockiert; /unblock ${user} hebt das auf`,
  unblocked: (user) => `${user} ist nicht mehr blockiert`,
  blocking: (users) => `Sie haben blockiert: ${users.join(', ')}`,
  blocking_nobody: 'Sie haben niemanden blockiert',
};

export const files: English['files'] = {
  send: (name, room) => `${name} an ${room} senden?`,
  send_about: (size, type, most) => `${size}, ${type}. Dieser Server nimmt Dateien bis ${most} an.`,
  send_yes: 'senden',
  nothing_stored: (room) => `${room} speichert nichts, also auch keine Dateien`,
  saved: (place) => `${place} gespeichert`,
  open: (name) => `${name} öffnen?`,
  open_about:
    'Es kann ein Programm sein oder eines starten. Öffnen Sie es nur, wenn Sie dem Absender vertrauen.',
  open_yes: 'öffnen',
  open_which: 'Welche Datei öffnen?',
  none_matches: 'keine Datei passt',
  cancelled: (name) => `${name} abgebrochen`,
  nothing_to_cancel: 'keine Datei dieses Raums wird gesendet oder gespeichert',
  which: 'wählen Sie eine Nachricht mit Dateien aus, oder geben Sie die Nummer an, die vor der Datei steht',
  none_in_message: 'die ausgewählte Nachricht hat keine Dateien',
  no_file: (number) => `hier ist keine Datei mit der Nummer ${number} geladen`,
  on_its_way: (name) => `${name} wird schon heruntergeladen`,
  too_many: (count) =>
    `${count} Dateien werden schon gesendet oder gespeichert: warten Sie, bis eine fertig ist`,
  no_disk: 'Dateien können hier nicht gesendet oder gespeichert werden',
};

export const messages: English['messages'] = {
  retract: 'Diese Nachricht zurücknehmen?',
  quoted: (text) => `„${text}“`,
  retract_about: 'Wer sie gelesen hat, kann sie aufbewahrt haben.',
  retract_yes: 'zurücknehmen',
  quoted_by: (text, from) => `„${text}“, von ${from}`,
  remove: 'Diese Nachricht entfernen?',
  remove_about: 'Leser erfahren, dass Sie sie entfernt haben, und können sie noch ansehen.',
  files_go: 'Ihre Dateien werden vom Server gelöscht.',
  remove_yes: 'entfernen',
  removed_by: (by, role, why) =>
    `entfernt von ${by}, laut Server hier ${role}${why === undefined ? '' : `: „${why}“`}`,
  removed_in: (room) => `Entfernt in ${room}`,
  removed_at: (time, from, said) => `${time} ${from} (${said})`,
  none_removed: (room) => `keine der geladenen Nachrichten in ${room} wurde entfernt`,
  react: 'Reagieren mit',
  react_nothing: 'kein Emoji passt',
  emoji_label: (emoji, name) => `${emoji} :${name}:`,
  earlier: (from) => `Frühere Fassungen einer Nachricht von ${from}`,
  earlier_empty: '(kein Text)',
  not_edited: 'diese Nachricht wurde nicht bearbeitet',
  none_edited: 'hier ist keine bearbeitete Nachricht geladen',
  copied_empty: 'es gibt keinen Text zu kopieren',
  none_loaded: 'hier sind keine Nachrichten geladen',
  answers_none: 'diese Nachricht antwortet auf keine andere',
  no_links_in_it: 'in dieser Nachricht ist kein Link',
  not_yours: (from) =>
    `diese Nachricht ist von ${from}: bearbeiten und zurücknehmen können Sie nur Ihre eigenen`,
  says_nothing: 'diese Nachricht ist nicht zu lesen, wurde zurückgenommen oder ist verschwunden',
  not_loaded: 'die Nachricht ist nicht mehr geladen: scrollen Sie zu ihr, dann versuchen Sie es noch einmal',
  not_at_end: 'die neuesten Nachrichten sind nicht geladen: gehen Sie zuerst ans Ende',
  not_arrived: 'Ihre letzte Nachricht ist noch nicht angekommen',
  none_of_yours: 'hier ist keine Ihrer Nachrichten geladen',
  none_of_others: 'hier ist keine Nachricht von jemand anderem geladen',
  found: (text) => `„${text}“ in Nachrichten, die auf diesem Gerät aufbewahrt werden`,
  found_at: (room, day, time) => `${room} ${day} ${time}`,
  found_text: (from, text) => `${from}: ${text}`,
  nothing_found: 'keine Nachricht, die auf diesem Gerät aufbewahrt wird, enthält diesen Text',
  not_stored: 'die Nachricht ist nicht mehr gespeichert',
  links: 'Links in diesem Raum',
  link_at: (day, time, from) => `${day} ${time} ${from}`,
  no_links: 'keine Links in den geladenen Nachrichten',
  no_unread_here: 'hier ist nichts ungelesen',
  no_unread: 'nichts ist ungelesen',
  more_above: 'es gibt ältere: wiederholen Sie es, um sie zu laden',
  no_later_mention: 'danach werden Sie nicht mehr erwähnt',
  no_earlier_mention: 'keine frühere Erwähnung ist geladen',
  none_failed: 'hier ist keine Nachricht gescheitert',
  failed_unknown: 'unbekannter Grund',
};

export const client: English['client'] = {
  help: 'Hilfe: tippen Sie, um zu suchen',
  no_help: 'keine Taste und kein Befehl passt',
  role: (about, role) => `${about} (${role})`,
  notify: {
    all: (room) => `Jede Nachricht in ${room} wird Ihnen gemeldet.`,
    mentions: (room) => `Es wird Ihnen gemeldet, wenn jemand Sie in ${room} erwähnt.`,
    none: (room) => `${room} ist stumm: nichts darin wird Ihnen gemeldet.`,
  },
  disappear: {
    on: (room, life) =>
      `Was Sie in ${room} schreiben, verschwindet ${life}, nachdem ein Leser es sah. Aufbewahren kann es jeder, und ältere Clients tun es.`,
    off: (room) => `Was Sie in ${room} schreiben, bleibt, solange der Raum Nachrichten speichert.`,
    room_on: (room, life) =>
      `Nachrichten in ${room} verschwinden ${life}, nachdem ein Leser sie sah, wie der Eigentümer es eingestellt hat. Aufbewahren kann sie jeder, und ältere Clients tun es.`,
    room_off: (room) => `In ${room} verschwinden Nachrichten nur, wenn ihr Absender es will.`,
  },
  sync: {
    kept: 'Ihre Einstellungen (was Sie gelesen haben, was gemeldet wird, wen Sie ignorieren, die Reihenfolge der Räume) sind hier und auf dem Server gleich.',
    title: 'Einstellungen auf dem Server ersetzen?',
    why: {
      refused:
        'Die Einstellungen, die der Server für Sie aufbewahrt, lassen sich nicht öffnen: er hat sie beschädigt oder vertauscht, oder sie sind mit Schlüsseln versiegelt, die dieses Gerät nicht hat.',
      newer:
        'Die Einstellungen, die der Server für Sie aufbewahrt, sind von einer neueren Version. Nach einem Update könnte dieser Client sie lesen.',
    },
    about:
      'Wenn Sie sie ersetzen, übernehmen Ihre anderen Geräte die dieses Geräts. Was nur auf dem Server stand, ist verloren.',
    replace: 'ersetzen',
    replaced: 'der Server hat jetzt die Einstellungen dieses Geräts',
  },
  room_moved: (room, place) => `${room} ist jetzt Raum ${place} der Liste.`,
  rooms_by_name: 'Räume sind nach Namen geordnet.',
  connected: 'Sie sind verbunden',
  stopped_waiting: (command) =>
    `Auf ${command} wird nicht mehr gewartet. Der Server führt es vielleicht noch aus.`,
  quit: (unsent) =>
    `Beenden, obwohl ${counted(unsent, 'Nachricht', 'Nachrichten')} noch nicht gesendet ${unsent === 1 ? 'ist' : 'sind'}?`,
  quit_about: 'Was nicht gesendet ist, geht verloren.',
  quit_yes: 'beenden',
  closed_by_you: 'von Ihnen',
};
