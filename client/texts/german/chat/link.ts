import type { chatEnglish } from '../../english/chat-english.ts';
import type { Worded } from '../../worded.ts';

export const link: Worded<typeof chatEnglish>['link'] = {
  title: 'Ein neues Gerät verbinden?',
  gives: (user, server) =>
    `Das gibt Ihr ganzes Konto, ${user} bei ${server}, dem Gerät, dessen Code Sie eingeben, und zwar für immer.`,
  about: (server) =>
    `Öffnen Sie auf dem neuen Gerät die Seite dieses Servers und wählen Sie „Mit einem anderen Gerät verbinden“, oder führen Sie dort aus: conclave --server ${server} link`,
  yes: 'seinen Code eingeben',
  code: 'Code, den das neue Gerät zeigt',
  code_about: 'Seine 8 Buchstaben und Ziffern, etwa K10M-PQRS, oder der Text seines QR-Codes.',
  meeting: 'Warten auf das neue Gerät …',
  digits: 'Ziffern, die das neue Gerät zeigt',
  digits_about: 'Es gibt einen Versuch: bei falschen Ziffern geht das Konto nirgendwohin.',
  no_digits: 'das neue Gerät zeigt sechs Ziffern',
  giving: 'Ihr Konto geht an das neue Gerät …',
  giving_about: 'Das neue Gerät fragt jetzt, ob das Konto Ihres ist. Antworten Sie dort.',
  given: (user) => `das neue Gerät hat das Konto von ${user}`,
  refused: 'das neue Gerät hat nichts bekommen',
};
