import type { chatEnglish } from '../../english/chat-english.ts';
import type { Worded } from '../../worded.ts';
import { counted, shown } from '../numbers.ts';

type English = Worded<typeof chatEnglish>;

export const start: English['start'] = {
  connecting: (server) => `Verbindung zu ${server} …`,
  loading_rooms: 'Ihre Räume werden geladen …',
  opening_keys: 'Ihre Schlüssel werden geöffnet …',
  making_keys: 'Ihre Schlüssel werden erzeugt …',
  registering: (user, server) => `${user} wird bei ${server} registriert …`,
  not_yet: (server, reason) => `noch keine Verbindung zu ${server}: ${reason}`,
  trying: (server) => `Versuch mit ${server} …`,
  welcome_label: 'Willkommen',
  welcome: 'ein Chat, den nur seine Mitglieder lesen können',
  server_label: 'Server',
  name_label: 'Name',
  registered_label: 'Registriert',
  registered: (user, server) => `${user} bei ${server}`,
  which_server: 'Welcher Server?',
  which_server_about:
    'Seine Adresse, etwa wss://chat.example.org, oder ws://127.0.0.1:8080 für einen auf diesem Gerät.',
  bad_server: 'geben Sie eine Adresse ein wie wss://chat.example.org oder ws://127.0.0.1:8080',
  which_name: 'Benutzernamen wählen',
  which_name_about: '3 bis 20 Buchstaben (A bis Z) und Ziffern. Er lässt sich später nicht ändern.',
  bad_name: 'ein Benutzername hat 3 bis 20 Buchstaben (A bis Z) und Ziffern',
  new_passphrase: (user) => `Passphrase für die Schlüssel von ${user} wählen`,
  new_passphrase_about:
    'Sie schützt Ihre Schlüssel auf diesem Gerät. Sie geben sie bei jedem Start ein. Niemand kann sie wiederherstellen.',
  repeat_passphrase: 'Passphrase wiederholen',
  passphrases_differ: 'die Passphrasen sind verschieden: geben Sie sie noch einmal ein',
  weak_passphrase: 'Diese schwache Passphrase verwenden?',
  weak_passphrase_yes: 'trotzdem verwenden',
  no_passphrase: 'Ihre Schlüssel ohne Passphrase aufbewahren?',
  no_passphrase_about:
    'Wer die Dateien dieses Kontos lesen kann, kann als Sie auftreten: ein Dieb, ein anderes Programm, jemand mit einer Sicherung.',
  no_passphrase_yes: 'ja, ohne',
  passphrase: (user, server) => `Passphrase von ${user} bei ${server}`,
  wrong_passphrase: 'falsche Passphrase',
  invite: 'Einladungscode',
  invite_about: [
    'Dieser Server nimmt neue Konten auf Einladung an. Ein Code lässt eine Person zu und gilt einen Tag.',
    'Ihre Schlüssel bleiben erhalten: ohne Code beenden Sie und kommen wieder, wenn Sie einen haben.',
  ],
  bad_invite: 'ein Code hat 16 Buchstaben und Ziffern, etwa K10M-PQRS-TVWX-YZ01',
  invite_refused: 'dieser Code ist unbekannt, verbraucht oder abgelaufen',
  without_tls: (server) => `${server} ohne TLS verwenden?`,
  without_tls_about: [
    'Der Server hat über TLS nicht geantwortet. Ohne TLS sieht jeder auf dem Weg durchs Netz, wer mit wem spricht, aber keine Nachrichten.',
    'Wenn dieser Server TLS haben sollte, blockiert es vielleicht jemand.',
  ],
  without_tls_yes: 'ohne TLS weiter',
  no_new_accounts: (server) => `${server} nimmt keine neuen Konten an`,
  no_account_yet: (server, reason) => `noch kein Konto bei ${server}: ${reason}`,
  server_fault: (server, fault) => `${server}: ${fault}`,
  you_are: (user) => `Sie sind ${user}`,
  you_are_about: 'Ihre Schlüssel sind erzeugt, und Ihr Konto ist registriert. Das ist Ihr Fingerabdruck:',
  fingerprint_about:
    'Er kennzeichnet Ihre Schlüssel. Wer ihn vergleicht, oder mit /verify eine Sicherheitsnummer, weiß, dass niemand zwischen Ihnen sitzt.',
  without_backup: 'ohne Sicherung weiter',
  making_backup: 'Die Sicherung wird angelegt …',
  no_backup: 'Es wurde keine Sicherung angelegt',
  no_backup_about: 'Ihr Konto gibt es trotzdem. /backup versucht es noch einmal.',
};

const ADVICE = 'Versuchen Sie vier Wörter, die nichts miteinander zu tun haben';
const because = (why: string | undefined): string => (why === undefined ? '' : ` (${why})`);

export const passphrase: English['passphrase'] = {
  empty: 'leer: wer die Schlüsseldatei lesen kann, kann die Schlüssel verwenden',
  weak: (why) => `schwach${because(why)}: könnte in einem Tag erraten werden. ${ADVICE}`,
  fair: (why) => `mäßig${because(why)}: könnte in einem Jahr erraten werden. ${ADVICE}`,
  good: 'gut: zu erraten würde Jahre dauern',
  strong: 'stark',
  reasons: {
    straightRow: 'eine Reihe von Tasten',
    keyPattern: 'ein Muster auf der Tastatur',
    simpleRepeat: 'ein wiederholtes Zeichen',
    extendedRepeat: 'ein wiederholtes Stück',
    sequences: 'eine Folge wie abc oder 123',
    recentYears: 'eine Jahreszahl der letzten Zeit',
    dates: 'ein Datum',
    topTen: 'eines der zehn häufigsten Passwörter',
    topHundred: 'eines der hundert häufigsten Passwörter',
    common: 'ein häufiges Passwort',
    similarToCommon: 'ähnlich einem häufigen Passwort',
    wordByItself: 'ein einzelnes Wort',
  },
};

export const status: English['status'] = {
  product: 'Conclave',
  window: (room) => `${room} – Conclave`,
  gone: 'Sie sind kein Mitglied mehr: /join tritt wieder bei, /leave räumt den Raum weg',
  opening: 'wird geöffnet …',
  kept: 'nicht verbunden: aufbewahrte Nachrichten',
  not_open: 'ließ sich nicht öffnen',
  with_password: 'Raum mit Passwort',
  password_unknown: 'verschlossen: /join fragt nach dem Passwort',
  open: 'offener Raum',
  direct: 'Direktnachrichten',
  hidden: 'verborgen',
  suite: (suite) => `Suite ${suite}`,
  no_forward_secrecy: 'keine Vorwärtsgeheimhaltung',
  online: (online) => `${shown(online)} online`,
  online_of: (online, members) => `${shown(online)} von ${shown(members)} online`,
  you_are: (role) => `Sie sind ${role}`,
  pending: (count) => `${shown(count)} unterwegs`,
  typing: (names) => {
    const [one, another] = names;
    if (names.length === 1) return `${one} schreibt …`;
    return names.length === 2
      ? `${one} und ${another} schreiben …`
      : `${shown(names.length)} Personen schreiben …`;
  },
  keying: ({ done, of }) => `neuer Schlüssel: ${shown(done)} von ${shown(of)} Mitgliedern`,
  message: {
    reply: 'antworten',
    edit: 'bearbeiten',
    react: 'reagieren',
    copy: 'kopieren',
    'open-link': 'Link öffnen',
    earlier: 'frühere Fassungen',
    retract: 'zurücknehmen',
    remove: 'entfernen',
    'jump-to-answered': 'worauf sie antwortet',
  },
  disappearing: (life) => `was Sie schreiben, verschwindet nach ${life}`,
  nothing_stored: 'nichts wird gespeichert',
  stored: (time) => `für ${time} gespeichert`,
  connecting: 'wird verbunden …',
  connected: '● verbunden',
  connected_in: (ms) => `● verbunden ${shown(ms)} ms`,
  without_tls: (connected) => `${connected}, ohne TLS`,
  held_up: (reason) => `● ${reason}`,
  offline: (seconds) => `○ offline, nächster Versuch in ${shown(seconds)} s`,
  closed: (reason) => `○ geschlossen: ${reason}`,
  key_changed: (users) =>
    `Schlüssel geändert (${users.join(', ')}): es wird nichts gesendet, /verify oder /trust`,
  encrypted: 'Ende-zu-Ende-verschlüsselt',
  verified: (verified, others) => `${shown(verified)} von ${shown(others)} verifiziert`,
  unread: (count) => `${count} ungelesen`,
  unread_since: (count, since) => `${count} ungelesen seit ${since}`,
  loading: 'wird geladen …',
};

export const timeline: English['timeline'] = {
  marks: {
    late: 'die Uhr des Absenders geht mehr als einen Tag falsch',
    recipients_differ: 'für andere als die Mitglieder verschlüsselt',
    order_contradicted: 'ihr Absender bekam davor andere Nachrichten gezeigt als Sie',
  },
  mark: (text) => `[${text}]`,
  edited: '[bearbeitet]',
  written: (when) => `[geschrieben ${when}]`,
  written_day: (day, time) => `${day}, ${time}`,
  disappears: (life) => `[verschwindet nach ${life}]`,
  disappeared: 'diese Nachricht ist verschwunden',
  retracted: 'hat diese Nachricht zurückgenommen',
  removed: (said) => `${said} (/removed zeigt sie)`,
  fault: (status, reason) => `${status}: ${reason}`,
  no_reason: 'kein Grund',
  answers: (what) => `↳ ${what}`,
  answers_unknown: 'eine frühere Nachricht',
  answers_gone: (from) => `eine zurückgenommene Nachricht von ${from}`,
  answers_disappeared: (from) => `eine Nachricht von ${from}, die verschwunden ist`,
  answers_ignored: (from) => `eine Nachricht von ${from}`,
  answers_text: (from, text) => `${from}: ${text}`,
  gap: (missing, from) =>
    `vor der nächsten ${missing === 1 ? 'fehlt' : 'fehlen'} ${counted(missing, 'Nachricht', 'Nachrichten')} von ${from}`,
  file: (number, name, facts) =>
    `${number === undefined ? '' : `[${number}] `}${name} · ${facts.join(' · ')}`,
  pixels: (width, height) => `${width} × ${height}`,
  not_saved: 'nicht heruntergeladen',
  transfers: {
    reading: (percent) => `wird gelesen, ${percent} %`,
    sending: (percent) => `${percent} % gesendet`,
    receiving: (percent) => `${percent} %`,
  },
  saved: (place) => `gespeichert als ${place}`,
  file_states: {
    opened: 'geöffnet',
    gone: 'nicht mehr auf dem Server',
    altered: 'vom Server verändert: nicht gespeichert',
  },
  beginning: 'Anfang dessen, was Sie lesen können',
  nothing_yet: 'noch keine Nachrichten, die Sie lesen können: schreiben Sie eine',
  older_kept: 'ältere Nachrichten kommen mit der Verbindung',
  loading_older: 'ältere Nachrichten werden geladen …',
  older: 'es gibt ältere Nachrichten',
  ignored: (count, whose) =>
    `${counted(count, 'ignorierte Nachricht', 'ignorierte Nachrichten')} von ${whose}`,
  ignored_people: (count) => counted(count, 'Person', 'Personen'),
};
