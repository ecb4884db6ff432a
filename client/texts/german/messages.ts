import type { english } from '../english/english.ts';
import type { Worded } from '../worded.ts';
import { keptFor, sized } from './numbers.ts';

type English = Worded<typeof english>;

export const words: English['words'] = {
  kept: ({ hours }) => keptFor(hours),
  yes: 'ja',
  no: 'nein',
  unknown: '?',
  size: sized,
  file: ({ name, size }) => `[Datei ${name}, ${sized(size)}]`,
  trust: {
    pinned: 'wie zuerst gesehen',
    verified: 'verifiziert',
    verified_before: 'früher verifiziert',
    changed: 'geändert',
  },
  role: { owner: 'Eigentümer', moderator: 'Moderator', member: 'Mitglied' },
  status: {
    ok: 'in Ordnung',
    undecryptable: 'nicht zu entschlüsseln',
    forged: 'gefälscht',
    altered: 'verändert',
    replayed: 'wiederholt',
    needs_password: 'verschlossen',
  },
  mark: {
    late: 'Uhr geht einen Tag falsch',
    recipients_differ: 'Empfänger sind nicht die Mitglieder',
    order_contradicted: 'Absender sah eine andere Reihenfolge',
  },
};

export const fallbacks: English['fallbacks'] = {
  unknown_kind: 'eine Art von Nachricht, die dieser Client nicht kennt: aktualisieren Sie den Client',
  edited: '(bearbeitet) {text}',
  retracted: '(hat eine Nachricht zurückgenommen)',
  removed: '(hat eine Nachricht entfernt)',
  reacted: '(hat mit {emoji} reagiert)',
  took_reaction: '(hat {emoji} zurückgenommen)',
};

export const openings: English['openings'] = {
  header_malformed: 'ihr Kopf ist beschädigt',
  unsupported_layout: 'sie hat eine Form, die dieser Client nicht kennt: aktualisieren Sie den Client',
  unsupported_suite:
    'sie ist auf eine Weise verschlüsselt, die dieser Client nicht kennt: aktualisieren Sie den Client',
  wrong_room: 'sie wurde für einen anderen Raum geschrieben',
  wrong_sender: 'sie nennt einen anderen Absender als der Server',
  no_member: 'ihr Absender war zu dieser Zeit kein Mitglied des Raums',
  unknown_identity: 'sie ist mit Schlüsseln signiert, die nicht als die ihres Absenders anerkannt sind',
  replaced_identity: 'sie ist mit Schlüsseln signiert, die ihr Absender vorher ersetzt hatte',
  epoch_unknown:
    'der Schlüssel, unter dem sie geschrieben wurde, ist hier nicht bekannt oder ließ sich nicht öffnen',
  epoch_differs:
    'der Server zeigt Ihnen für sie einen anderen Schlüssel als ihrem Absender: vergleichen Sie mit den anderen im Raum',
  epoch_contradicted: 'sie passt nicht zu dem Schlüssel, unter dem sie geschrieben wurde',
  epoch_key_deleted: 'der Schlüssel, unter dem sie geschrieben wurde, ist hier gelöscht',
  password_unknown: 'sie wurde unter einem Raumpasswort geschrieben, das Sie hier nicht eingegeben haben',
  wrap_does_not_open: 'sie wurde für keinen Ihrer Schlüssel verschlüsselt',
  commitment_differs: 'ihr Schlüssel ist nicht der, den ihr Absender verwendet hat',
  content_does_not_open: 'sie wurde unterwegs verändert',
  plaintext_malformed: 'sie hat keine Signatur',
  signature_differs: 'sie wurde nicht von ihrem Absender signiert',
  message_id_reused: 'sie wurde schon einmal gesehen, an anderer Stelle oder in anderer Form',
  position_reused: 'an dieser Stelle wurde eine andere Nachricht ihres Absenders gesehen',
  number_reused: 'eine andere Nachricht ihres Absenders hat dieselbe Nummer',
  out_of_order: 'die Reihenfolge ihres Absenders und die des Raums widersprechen sich',
  expired: 'sie steht vor Nachrichten, die schon gesehen wurden, und ist abgelaufen',
  link_differs: 'sie folgt nicht auf die Nachricht, die ihr Absender davor gesendet hat',
  content_malformed: 'ihr Inhalt ist beschädigt',
};
