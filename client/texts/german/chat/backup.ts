import type { chatEnglish } from '../../english/chat-english.ts';
import type { Worded } from '../../worded.ts';
import { counted } from '../numbers.ts';

export const backup: Worded<typeof chatEnglish>['backup'] = {
  title: 'Sicherung Ihres Kontos',
  states: {
    none: (_time) => 'Es gibt keine Sicherung.',
    kept: (time) => `Es gibt eine Sicherung vom ${time}, die dieses Gerät aktuell hält.`,
    elsewhere: (time) =>
      `Es gibt eine Sicherung vom ${time} mit einem Code, den dieses Gerät nicht kennt: ein anderes Gerät hält sie aktuell, oder der Server ist zu einer früheren zurückgekehrt.`,
    rolled_back: (time) =>
      `Der Server ist zu einer früheren Sicherung vom ${time} zurückgekehrt: dieses Gerät legt an ihrer Stelle eine neue ab.`,
    gone: (_time) => 'Der Server hat die Sicherung nicht mehr, die dieses Gerät angelegt hat.',
  },
  about:
    'Eine Sicherung enthält Ihre Schlüssel, wen Sie verifiziert haben und die Passwörter von Räumen, aber keine Nachrichten. Ein Wiederherstellungscode öffnet sie, den der Server nicht kennt.',
  make: 'Sicherung anlegen',
  make_again: 'neuen Code erzeugen',
  replace: 'Neuen Wiederherstellungscode erzeugen?',
  replace_about: 'Der bisherige Code öffnet dann nichts mehr.',
  code_of: (user, server) => `Wiederherstellungscode von ${user} auf ${server}`,
  made: (time) => `Erzeugt ${time}.`,
  fingerprint: 'Fingerabdruck:',
  code_about:
    'Schreiben Sie ihn mit Tag und Fingerabdruck auf, oder drucken Sie ihn aus: er wird nur jetzt gezeigt. Wer ihn hat, kann in Ihrem Namen handeln. Dasselbe als QR-Code:',
  left_out: (count) =>
    `die Sicherung hat keinen Platz für ${counted(count, 'Person', 'Personen')}: nach einer Wiederherstellung sind sie wieder Fremde`,
  delete: 'Sicherung löschen',
  delete_question: 'Ihre Sicherung löschen?',
  delete_about:
    'Ihr Wiederherstellungscode öffnet dann nichts mehr. Ohne eine andere Kopie ist mit dem Gerät auch das Konto verloren.',
  deleted: 'Sicherung gelöscht; ihr Wiederherstellungscode gilt nicht mehr',
};
