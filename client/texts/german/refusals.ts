import type { english } from '../english/english.ts';
import type { Worded } from '../worded.ts';

type English = Worded<typeof english>;

export const refusals: English['refusals'] = {
  bad_request: 'der Server hat das nicht verstanden: Client und Server passen vielleicht nicht zusammen',
  unauthenticated: 'Sie sind beim Server nicht angemeldet: versuchen Sie es noch einmal',
  auth_failed:
    'der Server hat die Anmeldung nicht angenommen: prüfen Sie --server und --user; wenn Sie Ihre Schlüssel auf einem anderen Gerät ersetzt haben, exportieren Sie sie dort und importieren Sie sie hier',
  name_taken: 'dieser Name ist vergeben: wählen Sie einen anderen',
  invalid_name: 'der Server kennt niemanden mit diesem Namen: prüfen Sie die Schreibweise',
  invalid_identity:
    'der Server hat diese Schlüssel nicht angenommen: Client und Server passen vielleicht nicht zusammen',
  no_such_room_or_password: 'falsches Passwort, oder es gibt keinen Raum namens {room:diesem Namen}',
  not_a_member: 'Sie sind kein Mitglied von {room:diesem Raum} oder keines mehr: treten Sie zuerst bei',
  already_a_member: 'Sie sind schon Mitglied von {room:diesem Raum}',
  room_full: '{room:dieser Raum} ist voll: versuchen Sie es wieder, wenn jemand gegangen ist',
  forbidden:
    'Ihre Rolle in {room:diesem Raum} erlaubt das nicht: fragen Sie den Eigentümer oder einen Moderator',
  banned:
    'Sie sind aus {room:diesem Raum} ausgesperrt: nur der Eigentümer oder ein Moderator kann das aufheben',
  stale_roster:
    'die Mitglieder von {room:diesem Raum} haben sich unterwegs geändert: versuchen Sie es noch einmal',
  too_large: 'das ist mehr, als der Server annimmt: machen Sie es kleiner',
  rate_limited: 'zu viele Anfragen in kurzer Zeit: warten Sie etwas, dann versuchen Sie es wieder',
  too_many_sessions:
    'Sie haben so viele Sitzungen, wie dieser Server erlaubt: beenden Sie eine, oder führen Sie conclave logout --everywhere aus',
  unavailable:
    'der Server kann das gerade nicht, aber es ist vielleicht geschehen: sehen Sie nach, bevor Sie es wieder versuchen',
  conflict: 'etwas anderes hat das gleichzeitig geändert: versuchen Sie es noch einmal',
  unsupported_version: 'Client und Server passen nicht zusammen: aktualisieren Sie den älteren',
  wrong_origin:
    'der Server kennt sich nicht unter dieser Adresse: prüfen Sie --server. Wenn sie stimmt, fängt vielleicht jemand die Verbindung ab, oder der Betreiber muss sie in CONCLAVE_PUBLIC_URLS aufnehmen',
  keys_replaced:
    'Ihre Schlüssel wurden auf einem anderen Gerät ersetzt: führen Sie dort conclave export und hier conclave import aus',
  no_such_member: '{user:diese Person} ist kein Mitglied von {room:diesem Raum}: prüfen Sie die Schreibweise',
  invite_needed:
    'dieser Server legt Konten nur auf Einladung an: bitten Sie den Betreiber um einen Code. Er gilt einmal, für einen Tag',
  no_such_file: 'der Server hat diese Datei nicht mehr: sie ist abgelaufen, oder jemand hat sie entfernt',
  upload_incomplete: 'Teile der Datei haben den Server nicht erreicht: senden Sie sie noch einmal',
  too_many_uploads:
    'Sie haben so viele angefangene Übertragungen, wie dieser Server erlaubt: warten Sie, bis eine fertig ist, oder eine Stunde',
  unreachable: '{user:diese Person} nimmt zurzeit keine Einladungen oder Direktnachrichten von Ihnen an',
  unknown_epoch: 'die Schlüssel von {room:diesem Raum} haben sich geändert: versuchen Sie es noch einmal',
  wraps_missing:
    'der Server hat die neuen Schlüssel von {room:diesem Raum} verloren: versuchen Sie es noch einmal',
};

const ownersAndModerators = 'das können nur der Eigentümer und die Moderatoren von {room:diesem Raum}';
const ownersOnly = 'das kann nur der Eigentümer von {room:diesem Raum}';
const leaveFirst = 'Sie sind in so vielen Räumen, wie dieser Server erlaubt: verlassen Sie zuerst einen';
const noLogins =
  'der Server antwortet, kann aber gerade niemanden anmelden: ein Dienst dahinter steht still oder verweigert die Arbeit. Fragen Sie den Betreiber, oder versuchen Sie es später';

export const requestRefusals: English['requestRefusals'] = {
  'register.forbidden':
    'dieser Server nimmt keine neuen Konten an: fragen Sie den Betreiber, oder wählen Sie einen anderen Server',
  'register.name_taken':
    'dieser Name ist vergeben, und Namen von Konten werden nie wieder vergeben: wählen Sie einen anderen',
  'register.unavailable': noLogins,
  'login.unavailable': noLogins,
  'answer.unavailable': noLogins,
  'resume.unavailable': noLogins,
  'answer.auth_failed':
    'der Server hat die Anmeldung nicht angenommen: das Konto ist vielleicht geschlossen oder gesperrt. Wenn Sie Ihre Schlüssel auf einem anderen Gerät ersetzt haben, exportieren Sie sie dort und importieren Sie sie hier',
  'create.name_taken': 'es gibt schon einen Raum namens {name:so}: wählen Sie einen anderen Namen',
  'create.too_large': leaveFirst,
  'join.too_large': leaveFirst,
  'enter.too_large':
    'dieser Client hat so viele Räume offen, wie der Server erlaubt: verlassen Sie zuerst einen',
  'leave.forbidden':
    'Ihnen gehört {room:dieser Raum}: übergeben Sie ihn einem anderen Mitglied, oder löschen Sie ihn, bevor Sie gehen',
  'epochs.unsupported_version':
    'der Server ist zu einer früheren Verschlüsselung von {room:diesem Raum} zurückgekehrt. Akzeptieren Sie es mit conclave room trust {room:RAUM} oder im Chat mit /join {room:RAUM}',
  'send.unsupported_version':
    'der Server nimmt Nachrichten an {room:diesen Raum} nicht in der Form an, in der dieser Client sie sendet: aktualisieren Sie den Client. Ist er aktuell, so ist der Server zu einer früheren Form zurückgekehrt: akzeptieren Sie es mit conclave room trust {room:RAUM} oder im Chat mit /join {room:RAUM}',
  'send.too_large':
    'die Nachricht ist länger, als dieser Server annimmt: kürzen Sie sie, oder teilen Sie sie auf',
  'send.rate_limited':
    'der Server nimmt im Moment keine weiteren Nachrichten an: warten Sie etwas, dann versuchen Sie es wieder',
  'history.not_a_member': 'Sie sind kein Mitglied von {room:diesem Raum} mehr: treten Sie wieder bei',
  'direct.too_large': leaveFirst,
  'direct.forbidden': 'Sie haben {user:diese Person} blockiert: heben Sie das zuerst auf',
  'direct.rate_limited':
    'Sie haben zu viele Personen angefragt, oder dieselbe zu oft: versuchen Sie es später',
  'invite.rate_limited':
    'Sie haben zu viele Personen eingeladen, oder dieselbe zu oft: versuchen Sie es später',
  'invite.forbidden': 'ein Direktraum ist für zwei: legen Sie für mehr einen Raum an',
  'invite.already_a_member': '{user:diese Person} ist schon in diesem Raum',
  'block.too_large':
    'Sie haben so viele Personen blockiert, wie dieser Server erlaubt: heben Sie zuerst eine Blockierung auf',
  'rename.forbidden': ownersOnly,
  'rename.name_taken': 'es gibt schon einen Raum namens {name:so}: wählen Sie einen anderen Namen',
  'delete.forbidden': ownersOnly,
  'update.forbidden': ownersOnly,
  'update.unsupported_version':
    '{room:dieser Raum} bleibt bei Suite 1: einige Mitglieder haben in letzter Zeit keinen Client verwendet, der Suite 2 kann',
  'grant.forbidden': ownersOnly,
  'kick.forbidden': ownersAndModerators,
  'ban.forbidden': ownersAndModerators,
  'ban.too_large': '{room:dieser Raum} hat so viele Aussperrungen wie erlaubt: heben Sie zuerst eine auf',
  'unban.forbidden': ownersAndModerators,
  'bans.forbidden': ownersAndModerators,
  'upload.forbidden': '{room:dieser Raum} speichert nichts, also auch keine Dateien',
  'upload.too_large': 'die Datei ist größer, als dieser Server annimmt',
  'upload.rate_limited':
    'der Server nimmt im Moment keine weiteren Dateien an: versuchen Sie es später noch einmal',
  'discard.forbidden':
    'nur wer diese Datei gesendet hat, der Eigentümer und die Moderatoren von {room:diesem Raum} können sie entfernen',
  'fetch-backup.auth_failed':
    'falscher Wiederherstellungscode, oder der Server hat keine Sicherung dieses Kontos: prüfen Sie den Namen, und ob --server die Adresse auf dem Blatt ist',
  'fetch-backup.rate_limited':
    'zu viele falsche Wiederherstellungscodes: versuchen Sie es in einer Stunde wieder',
  'put-backup.rate_limited':
    'der Server nimmt im Moment keine weiteren Sicherungen an: versuchen Sie es in einer Stunde wieder',
  'put-backup.conflict':
    'ein anderes Gerät hat gleichzeitig eine Sicherung abgelegt: versuchen Sie es noch einmal',
  'link.auth_failed':
    'kein Gerät wartet mit diesem Code, oder seine zehn Minuten sind um: fangen Sie auf dem neuen Gerät noch einmal an',
  'link.conflict':
    'ein anderes Gerät hat diesen Code schon beantwortet: fangen Sie auf dem neuen Gerät mit einem neuen Code an',
};

export const unknownRefusal =
  'der Server hat das aus einem Grund abgelehnt, den dieser Client nicht kennt: aktualisieren Sie den Client';

const operatorUpdates = 'der Betreiber muss ihn aktualisieren';

export const features: English['features'] = {
  'header-2': `dieser Server ist zu alt für Räume, in denen Nachrichten festhalten, was ihre Absender gesehen hatten: ${operatorUpdates}`,
  files: 'dieser Server nimmt keine Dateien an',
  typing: 'dieser Server gibt nicht weiter, dass jemand schreibt',
  reasons:
    'dieser Server ist zu alt, um Gründe weiterzugeben: lassen Sie den Grund weg, oder bitten Sie den Betreiber, ihn zu aktualisieren',
  roles: `dieser Server ist zu alt, um frühere Rollen mitzuteilen: ${operatorUpdates}`,
  backup: `dieser Server ist zu alt, um Sicherungen von Konten aufzubewahren: ${operatorUpdates}`,
  link: 'dieser Server ist zu alt, um Geräte zu verbinden: exportieren Sie das Konto hier, und importieren Sie es dort',
  'suite-2': `dieser Server ist zu alt für Räume der Suite 2: ${operatorUpdates}`,
  'retention-hours':
    'dieser Server ist zu alt für Stunden: geben Sie Tage an, oder bitten Sie den Betreiber, ihn zu aktualisieren',
  invitations: `dieser Server ist zu alt für Einladungen und Blockierungen: ${operatorUpdates}`,
  direct:
    'dieser Server ist zu alt für Direktnachrichten: legen Sie einen Raum an, oder bitten Sie den Betreiber, ihn zu aktualisieren',
  state: `dieser Server ist zu alt, um Einstellungen für alle Ihre Geräte aufzubewahren: ${operatorUpdates}`,
  'room-life': `dieser Server ist zu alt für Räume, in denen Nachrichten verschwinden: ${operatorUpdates}`,
  batches: `dieser Server ist zu alt, um mehrere Ereignisse in einer Nachricht zu senden: ${operatorUpdates}`,
  prekeys: `dieser Server ist zu alt für Schlüssel, die nur eine Woche lang verwendet werden: ${operatorUpdates}`,
};
