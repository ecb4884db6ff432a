import type { rooms as english } from '../english/rooms.ts';
import type { Worded } from '../worded.ts';

export const rooms: Worded<typeof english> = {
  room_deleted: 'der Raum {room} wurde gelöscht',
  room_left:
    'Sie sind kein Mitglied von {room} mehr: treten Sie wieder bei, um dort zu lesen und zu schreiben',
  room_kicked:
    'Sie wurden vom Eigentümer oder einem Moderator aus {room} hinausgeworfen: Sie dürfen wieder beitreten',
  room_banned: 'Sie wurden aus {room} ausgesperrt: nur der Eigentümer oder ein Moderator kann das aufheben',
  room_closed: 'der Raum wurde geschlossen',
  room_renamed: 'der Raum {former} heißt jetzt {room}',
  rooms_open:
    '{count,number} Räume sind offen, so viele, wie der Server zugleich erlaubt: öffnen Sie weniger',
  rooms_endless: 'die Liste der Räume nimmt kein Ende: suchen Sie nach dem Anfang eines Namens',
  room_not_answered: 'der Server hat für diesen Raum nicht geantwortet: versuchen Sie es noch einmal',
  other_room_answered: 'der Server hat mit einem anderen Raum geantwortet, {room}',
  known_room_answered:
    'der Server hat mit einem Raum geantwortet, den Sie schon kennen, nicht mit einem neuen',
  name_leads_elsewhere: 'der Name {room} führt jetzt zu einem anderen Raum als vorher',
  former_name: '{former} ist der frühere Name von {room}',
  former_name_elsewhere: '{former} ist der frühere Name von {room} und führt jetzt zu einem anderen Raum',
  former_name_unsure:
    '{former} ist der frühere Name von {room} und führt jetzt vielleicht zu einem anderen Raum',
  password_gone: 'der Raum {room} hatte ein Passwort, und jetzt sagt der Server, er habe keines',
  password_back: 'der Server ist zu einem früheren Passwort von {room} zurückgekehrt',
  members_back: 'der Server ist zu einer früheren Mitgliederliste von {room} zurückgekehrt',
  header_back: 'der Server ist zu einer früheren Form der Nachrichten in {room} zurückgekehrt',
  suite_back: 'der Server ist zu einer früheren Verschlüsselung von {room} zurückgekehrt',
  not_accepted: '{fault}. Akzeptieren Sie es mit conclave room trust {room} oder im Chat mit /join {room}',
  keying_back:
    'der Server bietet den Schutz nicht mehr an, den die Schlüssel von {room} hatten, und mit einem schwächeren wird nichts gesendet: akzeptieren Sie einen schwächeren mit conclave room trust {room} oder im Chat mit /join {room}',
  two_epochs:
    'der Server zeigt zwei verschiedene Schlüssel mit der Nummer {number,number} von {room}: vielleicht liest jemand mit, oder der Server wurde aus einer Sicherung wiederhergestellt. Sprechen Sie mit den anderen, dann akzeptieren Sie es mit conclave room trust {room} oder im Chat mit /join {room}',
  epochs_back:
    'der Server hat Schlüssel von {room} vergessen: er zeigt keine nach Nummer {last,number}, und ein Mitglied hat Nummer {number,number} unterschrieben. Er wurde aus einer alten Sicherung wiederhergestellt, oder er hat diesen Schlüssel nur Ihnen gezeigt. Sprechen Sie mit den anderen, dann akzeptieren Sie es mit conclave room trust {room} oder im Chat mit /join {room}',
  epochs_endless:
    'der Server sagt, {room} habe mehr Schlüssel gehabt, als sich zählen lassen: dort kann nichts gesendet werden',
  suite_cuts_off:
    '{room} bleibt bei Suite 1: Suite 2 würde Mitglieder ausschließen, die in letzter Zeit keinen Client verwendet haben, der sie kann ({users})',
  epochs_moving:
    'die Schlüssel von {room} ändern sich schneller, als eine Nachricht gesendet werden kann: versuchen Sie es noch einmal',
  prekeys_gone:
    'der Server zeigt die Wochenschlüssel von {users} nicht mehr: um ohne Vorwärtsgeheimhaltung zu senden, senden Sie einmal ohne --strict',
  not_in_room: 'Sie sind nicht in {room}',
  not_pinned: 'der Raum {room} ist hier nicht bekannt',
  password_not_given: 'der Raum {room} braucht ein Passwort',
  password_not_known:
    'das Passwort von {room} ist hier nicht bekannt: treten Sie dem Raum mit seinem Passwort wieder bei',
  password_not_wanted: 'der Server sagt, {room} habe kein Passwort, aber Sie haben eines angegeben',
  bad_room_password: 'ein Raumpasswort hat 6 bis 60 Zeichen',
  members_moving:
    'die Mitglieder ändern sich schneller, als sie gelesen werden können: versuchen Sie es noch einmal',
  members_gone: 'der Server hat die Mitgliederliste dieser Zeit nicht mehr',
  members_endless: 'der Server nennt mehr Mitglieder, als ein Raum haben kann',
  bans_endless: 'der Server nennt mehr Aussperrungen, als ein Raum haben kann',
  no_moderator: 'nur der Eigentümer und die Moderatoren von {room} können Nachrichten entfernen',
  why_too_long: 'ein Grund hat höchstens {count,number} Zeichen',
  bad_life: 'Nachrichten können {least} bis {most}, nachdem sie gezeigt wurden, verschwinden',
  life_of_owner: 'nur der Eigentümer von {room} kann einstellen, wann Nachrichten dort für alle verschwinden',
  life_of_direct:
    '{room} gehört niemandem: stellen Sie mit /disappear oder send --disappear ein, wann Ihre eigenen Nachrichten verschwinden',
  bad_retention: 'Nachrichten können 0 bis {count,number} Tage gespeichert werden',
  not_among_members: 'Sie sind nicht unter den Mitgliedern von {room}',
  no_such_member: '{user} ist kein Mitglied von {room}',
  no_text: 'es gibt keinen Text zu senden',
  text_too_long: 'eine Nachricht hat höchstens {size,number} Bytes: kürzen Sie sie, oder teilen Sie sie auf',
  text_not_unicode: 'der Text ist kein gültiges Unicode',
  sends_waiting:
    '{count,number} Nachrichten warten schon darauf, gesendet zu werden: warten Sie, bis einige weg sind',
  unsent_acknowledged: 'der Server hat eine Nachricht bestätigt, die nicht von hier gesendet wurde',
  form_unknown:
    'Nachrichten in {room} haben eine Form, die dieser Client nicht kennt: aktualisieren Sie den Client',
  new_recipients_refused:
    '{users} könnten diesen Raum zum ersten Mal lesen: um das zu akzeptieren, senden Sie einmal ohne --strict',
  suspect_key:
    'der Schlüssel von {users} ist nicht der, den Sie vorher gesehen haben: vergleichen Sie die Fingerabdrücke, dann vertrauen Sie ihm',
  people_full:
    'dieses Profil kennt so viele Personen dieses Servers, wie es von sich aus annimmt: vergleichen Sie den Fingerabdruck von {users}, dann akzeptieren Sie ihn mit conclave trust oder im Chat mit /trust',
  replaced_key:
    'der Server nennt Schlüssel von {users}, die ersetzt wurden: wer die alten hat, könnte diese Nachricht lesen',
  bad_search: 'gesucht wird nach 1 bis {count,number} Zeichen',
  search_not_member: 'soweit hier bekannt ist, sind Sie kein Mitglied dieses Raums',
  nothing_kept: 'geöffnete Nachrichten werden nicht aufbewahrt, also ist nichts zu finden',
  before_this_device:
    'sie wurde geschrieben, bevor dieses Gerät Ihr Konto hatte, und ihr Schlüssel steht in keiner Sicherung',
  never_opened: 'dieses Konto wurde auf diesem Server von hier nie verwendet',
  client_closed: 'der Client wurde geschlossen',
  connection_unusable: 'die Verbindung war nicht zu gebrauchen: versuchen Sie es noch einmal',
  answer_lost:
    'die Verbindung ist vor der Antwort abgebrochen: sehen Sie nach, ob es geschehen ist, bevor Sie es wieder versuchen',
  bad_address: '{given} ist keine Adresse wie ws://host:port oder wss://host:port',
  other_account_id: 'der Server sagt, dieses Konto habe eine andere Kennung als vorher',
  key_not_accepted: 'der Schlüssel von {user} ist nicht akzeptiert: vertrauen Sie ihm zuerst',
  other_fingerprint: 'das ist nicht der Fingerabdruck von {user}',
  key_moved: 'der Schlüssel ist nicht mehr der, der Ihnen gezeigt wurde: sehen Sie ihn noch einmal an',
  key_not_rsa_2048: 'der Schlüssel ist nicht RSA-2048 mit Exponent 65537',
  key_damaged: 'der Schlüssel ist beschädigt',
  keys_endless: 'der Server zeigt eine Kette von Schlüsseln, die kein Ende hat',
  no_valid_keys: 'der Server zeigt keine gültigen Schlüssel von {user}',
  bad_fingerprint: 'ein Fingerabdruck hat 64 hexadezimale Ziffern',
};
