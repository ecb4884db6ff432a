import type { local as english } from '../english/local.ts';
import type { Worded } from '../worded.ts';

const startOver = 'Fangen Sie auf beiden Geräten noch einmal an';
const stateAbout =
  'Darin steht, wessen Schlüsseln Sie vertrauen, und die Geheimnisse der Räume: stellen Sie die Datei aus einer Sicherung wieder her, oder fangen Sie mit conclave recover ohne sie an';

export const local: Worded<typeof english> = {
  disk_full:
    'der Datenträger ist voll: {path:was dieser Befehl braucht} konnte nicht geschrieben werden. Schaffen Sie Platz, dann versuchen Sie es noch einmal',
  disk_reserve:
    'der Datenträger ist fast voll: schaffen Sie mindestens {size,number} MiB Platz für {path}, dann versuchen Sie es noch einmal',
  read_only:
    '{path:was dieser Befehl braucht} liegt in einem Dateisystem, das nur gelesen werden kann: machen Sie es beschreibbar, oder wählen Sie einen anderen Ort',
  not_permitted:
    'Sie dürfen {path:was dieser Befehl braucht} nicht verwenden: sehen Sie mit ls -ld nach, wem es gehört, oder wählen Sie mit --profile ein anderes Profil',
  not_writable:
    '{path} konnte nicht geschrieben werden: prüfen Sie den Datenträger, und wem die Datei gehört',
  not_readable: '{path} konnte nicht gelesen werden: gibt es die Datei, und dürfen Sie sie lesen?',
  folder_missing:
    'es gibt keinen Ordner für {path}: legen Sie ihn zuerst an, oder wählen Sie einen anderen Ort',
  folder_gone:
    '{path} wurde verschoben oder gelöscht, während es in Gebrauch war: legen Sie es zurück, oder starten Sie neu',
  file_missing: 'es gibt keine Datei {path:wie verlangt}: prüfen Sie den Namen',
  file_not_permitted: 'Sie dürfen {path} nicht lesen: sehen Sie mit ls -l nach, wem die Datei gehört',
  file_in_the_way: 'ein Teil von {path:dem Pfad} ist eine Datei, kein Ordner: prüfen Sie den Pfad',
  file_is_folder: '{path:was dieser Befehl braucht} ist ein Ordner: geben Sie den Namen einer Datei an',
  too_many_files: 'auf diesem Gerät sind zu viele Dateien offen: erhöhen Sie die Grenze mit ulimit -n 1024',
  disk_broken: 'der Datenträger mit {path:dem Profil} meldet einen Fehler: sehen Sie im Systemprotokoll nach',
  foreign_owner:
    '{path} gehört einem anderen Benutzer (Nummer {number}): führen Sie conclave als dieser aus, oder wählen Sie mit --profile ein anderes Profil',
  open_to_others: '{path} ist für andere zugänglich; führen Sie aus: chmod {mode} {quoted}',
  key_file_damaged:
    '{path:die Datei} ist beschädigt oder keine Schlüsseldatei: stellen Sie sie aus einer Sicherung wieder her, oder aus Ihrem Export mit conclave import FILE',
  key_file_newer:
    '{path:die Datei} wurde von einer neueren Version geschrieben (Version {version}): aktualisieren Sie den Client',
  key_file_replaced: 'die Schlüsseldatei wurde währenddessen ersetzt: starten Sie neu',
  state_beyond:
    'der Server nennt mehr Fassungen Ihrer Einstellungen, als es geben kann: dort wird nichts von Ihnen abgelegt. Fragen Sie, wer ihn betreibt',
  ignored_full:
    'Sie können höchstens {max,number} Personen ignorieren, und die, die Sie nicht mehr ignorieren, zählen mit',
  content_newer:
    '{path:die Datei} enthält etwas, das diese Version nicht kennt: aktualisieren Sie den Client',
  keys_do_not_fit:
    'die Schlüssel dieses Kontos gehören nicht zusammen: stellen Sie sie aus einer Sicherung oder aus Ihrem Export wieder her',
  keys_of_another: 'die Schlüssel in diesem Ordner sind die von {user}: prüfen Sie --user und --profile',
  export_damaged:
    '{path:die Datei} ist beschädigt oder kein Export von Conclave: geben Sie eine Datei an, die conclave export geschrieben hat',
  wrong_passphrase: 'falsche Passphrase, oder {path:die Datei} ist beschädigt',
  passphrase_missing:
    '{path:die Datei} ist mit einer Passphrase geschützt: geben Sie sie mit --passphrase-file FILE an',
  state_missing: `{path} fehlt. ${stateAbout}`,
  state_damaged: `{path} ist beschädigt. ${stateAbout}`,
  state_of_others:
    'der Zustand dieses Profils ist beschädigt oder gehört zu anderen Schlüsseln: stellen Sie Schlüssel und Zustand aus derselben Sicherung wieder her, oder fangen Sie mit conclave recover ohne ihn an',
  profile_newer: 'dieses Profil wurde von einer neueren Version verwendet: aktualisieren Sie den Client',
  profile_locked:
    'Prozess {process} hält die Sperre dieses Profils ({path}) und gibt sie nicht frei: setzen Sie ihn fort (kill -CONT {process}), oder beenden Sie ihn (kill {process}), dann versuchen Sie es noch einmal',
  profile_reopened:
    'andere Prozesse öffnen dieses Profil ({path}) immer wieder: beenden Sie sie, dann versuchen Sie es noch einmal',
  profile_closed: 'das Profil wurde geschlossen',
  profile_stuck:
    'das Profil konnte nicht geschlossen werden: vielleicht hält ein anderer Prozess seine Sperre',
  no_account: 'Sie haben hier kein Konto für {server}: conclave register NAME legt eines an',
  no_keys: 'hier sind keine Schlüssel von {user} für {server}: prüfen Sie --user und --server',
  account_exists: 'Sie haben hier schon ein Konto von {user} für {server}',
  keys_exist: 'Sie haben hier schon die Schlüssel von {user} für {server}',
  keys_same: 'nichts zu importieren: diese Schlüssel von {user} für {server} sind schon hier',
  keys_older: 'nichts zu importieren: hier sind neuere Schlüssel von {user} für {server}',
  keys_other:
    'hier sind andere Schlüssel von {user} für {server}: importieren Sie mit --profile in ein anderes Profil',
  file_exists: '{path} gibt es schon: wählen Sie einen anderen Namen',
  unknown_account:
    '{host:der Server} kennt dieses Konto nicht (ein anderer Server unter dieser Adresse?), oder jemand fängt die Verbindung ab. Prüfen Sie --server; wenn Sie anderswo neue Schlüssel erzeugt haben, exportieren Sie sie dort und importieren Sie sie hier',
  ended_elsewhere:
    'Ihre Sitzung wurde von anderswo beendet, durch eine Abmeldung oder weil Ihre Schlüssel ersetzt wurden: wenn sie ersetzt wurden, exportieren Sie sie dort und importieren Sie sie hier',
  keys_replaced:
    'Ihre Schlüssel wurden auf einem anderen Gerät ersetzt: exportieren Sie sie dort, und importieren Sie sie hier',
  account_over: 'dieses Konto wurde geschlossen',
  request_too_large:
    'das sind mehr als die {size,number} Bytes, die der Server auf einmal annimmt: kürzen Sie es, oder teilen Sie es auf',
  other_protocol:
    'der Server spricht Version {version} des Protokolls, dieser Client nicht: aktualisieren Sie den älteren',
  backup_does_not_open:
    'der Server hat eine Sicherung geschickt, die dieser Wiederherstellungscode nicht öffnet: sie ist beschädigt, oder jemand greift ein',
  backup_of_another:
    'der Server hat die Sicherung eines anderen Kontos oder anderer Schlüssel geschickt: nichts wurde wiederhergestellt',
  backup_outdated:
    'die Schlüssel in der Sicherung sind nicht mehr die des Kontos: sie wurden seither ersetzt, oder das Konto wurde geschlossen',
  code_no_code:
    'ein Wiederherstellungscode hat 24 Buchstaben und Ziffern, etwa K10M-PQRS-TVWX-YZ01-2345-6789',
  code_mistyped: 'der Wiederherstellungscode ist vertippt: ein Zeichen ist falsch, oder zwei sind vertauscht',
  link_broken: `was ankam, hat das andere Gerät nicht gesendet: es ist beschädigt, oder jemand greift ein. ${startOver}`,
  link_refused:
    'das andere Gerät hat abgelehnt: die Ziffern waren falsch, oder jemand hat dort abgebrochen. Fangen Sie noch einmal an',
  link_declined: `das neue Gerät hat das Konto nicht übernommen: es wurde dort abgelehnt, oder die Verknüpfung wurde beendet. ${startOver}`,
  link_digits_wrong:
    'das sind nicht die Ziffern auf dem neuen Gerät: nichts wurde übergeben. Fangen Sie auf dem neuen Gerät mit einem neuen Code an',
  link_bad_code:
    'das ist nicht der Code eines wartenden Geräts: geben Sie seine 8 Buchstaben und Ziffern ein, etwa K10M-PQRS, oder den Text seines QR-Codes',
  not_invited:
    'keine Einladung in den Raum {room} wartet auf Sie: /invitations oder auf der Befehlszeile conclave invitations zeigt die Einladungen',
  contact_oneself: 'das ist Ihr eigenes Konto',
  no_direct_room:
    'Sie haben keine Direktnachrichten mit {user}: fangen Sie mit conclave dm {user} oder /msg {user} an',
  direct_to_other:
    'der Server hat zu jemand anderem als {user} geführt: nichts wurde gesendet. Vielleicht greift jemand ein',
  direct_changed:
    'der Server zeigt Ihren Direktraum mit {user} als einen anderen Raum, {room}: er wird nicht verwendet. Vielleicht greift jemand ein',
  direct_has_others:
    'der Server zeigt {users} in {room}, einem Raum für zwei: dort wird nichts gesendet. Vielleicht greift jemand ein',
  bad_reaction: '{given} ist kein Emoji: eine Reaktion ist ein Emoji',
  mentions_too_many: 'eine Nachricht erwähnt höchstens {count,number} Personen',
  files_too_many: 'eine Nachricht kann höchstens {count,number} Dateien haben',
  message_too_large: 'Text und Dateien sind zu groß für eine Nachricht: senden Sie mehrere',
  file_too_large:
    'die Datei ist größer als die {size,number} Bytes, die dieser Server einschließlich Auffüllung annimmt',
  file_changed:
    'die Datei ändert sich, während sie gelesen wird: versuchen Sie es wieder, wenn niemand in sie schreibt',
  file_altered:
    'der Server hat {name:die Datei} nicht so zurückgegeben, wie sie gesendet wurde: nichts wurde gespeichert',
  files_left: 'das ist geschehen, aber die Dateien der Nachricht sind noch auf dem Server: {reason}',
  file_gone:
    '{name:die Datei} ist nicht mehr auf dem Server: sie ist abgelaufen, oder jemand hat sie entfernt',
  transfer_failed: 'die Übertragung der Datei kam zu lange nicht voran: versuchen Sie es später noch einmal',
  transfer_refused:
    'der Server hat die Datei abgelehnt (HTTP-Status {status}): Client und Server passen vielleicht nicht zusammen',
  bad_user_name: 'ein Benutzername hat 3 bis 20 Buchstaben (A bis Z) und Ziffern, ohne Leerzeichen und "-"',
  bad_room_name: 'ein Raumname hat 3 bis 30 Buchstaben (A bis Z) und Ziffern, ohne Leerzeichen und "-"',
  wrong_room_password: 'falsches Passwort für {room}: versuchen Sie es noch einmal',
  bad_server:
    '{given} ist keine Adresse eines Servers: geben Sie eine ein wie wss://chat.example.org oder ws://127.0.0.1:8080',
  bad_server_meant: '{given} ist keine Adresse eines Servers: meinten Sie {wanted}?',
  exposed:
    '{server} ist ohne TLS: andere auf dem Weg durchs Netz sehen, wer wann mit wem spricht, aber keine Nachrichten. Verwenden Sie wss://, wenn der Server es anbietet',
  no_server: 'keine Verbindung zum Server in der vorgesehenen Zeit: läuft er, und ist dieses Gerät im Netz?',
  still_no_connection: 'aufgegeben: es gibt immer noch keine Verbindung',
  timed_out: 'die Zeit ist um: geben Sie mit --timeout SECONDS mehr',
  timed_out_waiting: 'die Zeit ist um: {reason}',
  output_full: 'die Standardausgabe konnte nicht geschrieben werden: der Datenträger ist voll',
  output_failed: 'die Standardausgabe konnte nicht geschrieben werden',
  bug: 'conclave ist unerwartet gescheitert: führen Sie es mit --json noch einmal aus, um die Ursache zu sehen, und melden Sie sie',
};
