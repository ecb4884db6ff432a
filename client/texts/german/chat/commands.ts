import type { chatEnglish } from '../../english/chat-english.ts';
import type { Worded } from '../../worded.ts';
import { shown } from '../numbers.ts';

type English = Worded<typeof chatEnglish>;

export const sections: English['sections'] = {
  rooms: 'Räume',
  people: 'Personen',
  moderation: 'Eigentümer und Moderatoren',
  messages: 'Nachrichten',
  client: 'Client',
};

export const commands: English['commands'] = {
  join: 'RAUM beitreten, oder dem gezeigten wieder; fragt nach dem Passwort, wenn es eines gibt',
  leave: 'diesen Raum oder RAUM verlassen',
  create:
    'einen Raum anlegen; wenn gewünscht verborgen, mit Passwort (wird erfragt), mit Nachrichten für TAGE',
  rooms: 'die Räume auflisten, die nicht verborgen sind',
  members: 'die Mitglieder dieses Raums auflisten',
  who: 'zeigen, wer in diesem Raum online ist, oder was über PERSON bekannt ist',
  verify:
    'die Sicherheitsnummer mit PERSON zeigen, um sie zu vergleichen und PERSON als verifiziert zu markieren',
  trust: 'den geänderten Schlüssel von PERSON akzeptieren, damit wieder gesendet werden kann',
  keys: 'Ihre Schlüssel zeigen, oder die von PERSON',
  ignore:
    'Nachrichten von PERSON auf allen Ihren Geräten verbergen oder wieder zeigen; ohne PERSON: zeigen, wer ignoriert wird',
  msg: 'PERSON direkt schreiben, oder dorthin gehen, wo Sie es tun; legt den Raum für zwei an, wenn es keinen gibt',
  invite: 'PERSON in diesen Raum oder in RAUM einladen; PERSON sieht, wer einlädt und mit welchem Schlüssel',
  invitations: 'die Einladungen auflisten, die auf Sie warten, und eine beantworten',
  decline: 'die Einladung in RAUM ablehnen, oder die in den gezeigten Direktraum',
  block: 'keine Einladungen und Direktnachrichten von PERSON mehr annehmen; fragt vorher',
  unblock: 'sie von PERSON wieder annehmen',
  blocked: 'auflisten, wen Sie blockiert haben',
  kick: 'PERSON hinauswerfen, die wieder beitreten darf; TEXT sagt PERSON und den Mitgliedern, warum',
  ban: 'PERSON aussperren, bis /unban; TEXT sagt, warum, wie bei /kick',
  unban: 'die Aussperrung von PERSON aufheben',
  grant: 'PERSON zum Moderator machen',
  revoke: 'PERSON wieder zum einfachen Mitglied machen',
  owner: 'den Raum an PERSON übergeben',
  rename: 'diesen Raum umbenennen',
  retention: 'einstellen, wie viele Tage Nachrichten gespeichert werden, oder Stunden, wie in 12h',
  password: 'das Raumpasswort ändern (fragt danach) oder entfernen',
  header:
    'Nachrichten festhalten lassen, was ihre Absender gesehen hatten; fragt vorher, denn ältere Clients können sie nicht lesen',
  hide: 'diesen Raum in der Liste verbergen; off: wieder auflisten',
  delete: 'diesen Raum und alles löschen, was für ihn gespeichert ist; fragt vorher',
  me: 'eine Handlung senden, etwa /me winkt',
  reply: 'auf die ausgewählte Nachricht antworten, oder auf die letzte von jemand anderem',
  edit: 'den Text der ausgewählten Nachricht ersetzen, oder Ihrer letzten; ohne TEXT: ihn ins Eingabefeld holen, um ihn dort zu ändern',
  earlier: 'zeigen, was die ausgewählte Nachricht, oder die letzte bearbeitete, vor dem Bearbeiten sagte',
  retract: 'die ausgewählte Nachricht zurücknehmen, oder Ihre letzte; fragt vorher',
  remove:
    'Leser bitten, die ausgewählte Nachricht einzuklappen, oder die letzte von jemand anderem; TEXT sagt, warum; fragt vorher',
  removed: 'zeigen, welche der geladenen Nachrichten der Eigentümer oder Moderatoren entfernt haben',
  react:
    'auf die ausgewählte Nachricht reagieren, oder auf die letzte von jemand anderem; noch einmal: das zurücknehmen; ohne EMOJI: eines wählen',
  select:
    'die neueste Nachricht auswählen, oder die nächste ältere oder neuere; /reply, /edit und Ähnliche gelten dann für sie',
  copy: 'den Text der ausgewählten Nachricht oder der letzten in die Zwischenablage kopieren, wenn die Konfigurationsdatei es erlaubt',
  answered: 'zu der Nachricht gehen, auf die die ausgewählte antwortet',
  send: 'eine Datei senden, mit TEXT, wenn angegeben; fragt vorher; PFAD darf in Anführungszeichen stehen, ~ ist Ihr Heimatordner; die Seite fragt nach der Datei und braucht keinen PFAD',
  save: 'Datei N speichern, oder die Dateien der ausgewählten Nachricht, als PFAD, im Ordner PFAD oder in diesem; ersetzt nichts',
  open: 'Datei N öffnen, oder die der ausgewählten Nachricht, mit dem Programm für ihre Art; fragt vorher, wenn sie ein Programm sein kann',
  disappear:
    'zeigen oder einstellen, wie lange nachdem Leser es sahen verschwindet, was Sie in diesem Raum schreiben: eine Zeit, wie in 1h, oder off (aus); mit room: was alle schreiben, was nur der Eigentümer einstellen kann',
  cancel: 'das Senden oder Speichern einer Datei dieses Raums abbrechen, die letzte zuerst',
  search: 'nach TEXT in den Nachrichten suchen, die auf diesem Gerät aufbewahrt werden',
  links:
    'die Links in der ausgewählten Nachricht oder in diesem Raum auflisten; der gewählte wird gezeigt und kann geöffnet oder kopiert werden',
  clear: 'den Bildschirm leeren; wer nach oben scrollt, sieht die Nachrichten wieder',
  move: 'diesen Raum an die Stelle N der Liste der Räume rücken; ohne N: die Liste nach Namen ordnen',
  notify:
    'zeigen oder einstellen, welche Nachrichten dieses Raums Sie melden: all (alle), mentions (Erwähnungen) oder none (keine); auf allen Ihren Geräten',
  help: 'alle Tasten und Befehle zeigen, oder die, die zu WORTE passen',
  sync: 'zeigen, ob Ihre Einstellungen auf allen Ihren Geräten gleich sind, und was zu tun ist, wenn sich die auf dem Server nicht öffnen lassen',
  backup: 'zeigen, wie es um die Sicherung Ihres Kontos steht, einen Code erzeugen, oder sie löschen',
  link: 'Ihr ganzes Konto einem neuen Gerät geben, das einen Code zeigt; fragt nach Ihrer Passphrase',
  reconnect: 'jetzt verbinden, statt auf den nächsten Versuch zu warten',
  quit: 'beenden; Sie bleiben Mitglied Ihrer Räume',
};

export const argumentNames: English['argumentNames'] = {
  room: 'RAUM',
  new_room: 'NAME',
  user: 'PERSON',
  prefix: 'ANFANG',
  days: 'TAGE',
  life: 'ZEIT',
  text: 'TEXT',
  topic: 'WORTE',
  emoji: 'EMOJI',
  level: 'WELCHE',
  path: 'PFAD',
  number: 'N',
};

export const allowed: English['allowed'] = {
  room: (min, max) =>
    `ein Raumname: ${min} bis ${max} Buchstaben (A bis Z) und Ziffern, oder @ und der Name einer Person`,
  new_room: (min, max) => `ein Raumname: ${min} bis ${max} Buchstaben (A bis Z) und Ziffern`,
  user: (min, max) => `ein Benutzername: ${min} bis ${max} Buchstaben (A bis Z) und Ziffern`,
  prefix: (max) => `der Anfang eines Raumnamens: bis zu ${max} Buchstaben (A bis Z) und Ziffern`,
  days: (max) =>
    `eine Zahl von Tagen von 0 (nichts wird gespeichert) bis ${shown(max)}, oder von Stunden, wie in 12h`,
  life: (least, most) => `"off", oder eine Zeit von ${least} bis ${most}, wie in 30s, 5m, 1h oder 7d`,
  words: (words) => words.map((word) => `"${word}"`).join(' oder '),
  text: 'ein Text',
  path: 'ein Pfad',
  number: 'die Nummer einer Datei',
  place: 'eine Stelle in der Liste der Räume, von 1 an',
  emoji: 'ein Emoji, oder der Name eines Emojis wie :tada:',
};

export const input: English['input'] = {
  too_long: (bytes, max) =>
    `Die Nachricht hat ${shown(bytes)} Bytes; höchstens ${shown(max)} können gesendet werden. Senden Sie sie in Teilen.`,
  unknown_command: (given, advice) =>
    `Unbekannter Befehl ${given}. ${advice} Um das als Text zu senden, schreiben Sie /${given}.`,
  meant: (command) => `Meinten Sie ${command}?`,
  see_help: '/help zeigt die Befehle.',
  too_many_words: 'zu viele Wörter',
  not_allowed: (given, allowed) => `${given} ist nicht ${allowed.join(', oder ')}`,
  what_follows: 'das',
  missing: (argument) => `${argument} fehlt`,
  wrong: (command, fault, usage, asksPassword) =>
    `${command}: ${fault}. Verwendung: ${usage}${asksPassword ? ' (das Passwort wird erfragt)' : ''}`,
  only_owner: (room, command) => `Nur der Eigentümer von ${room} kann ${command} verwenden.`,
  only_moderators: (room, command) =>
    `Nur der Eigentümer und die Moderatoren von ${room} können ${command} verwenden.`,
  not_connected: (what) =>
    `Nicht verbunden, also geht ${what} jetzt nicht. /reconnect versucht es noch einmal.`,
  no_emoji: (name) => `es gibt kein Emoji namens :${name}:`,
};
