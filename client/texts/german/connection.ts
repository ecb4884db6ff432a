import type { english } from '../english/english.ts';
import type { Worded } from '../worded.ts';

type English = Worded<typeof english>;

export const closes: English['closes'] = {
  going_away: 'dieses Gateway wird beendet: ein anderes übernimmt, oder es kommt wieder',
  node_error: 'das Gateway ist unerwartet gescheitert',
  slow_consumer: 'diese Verbindung kam nicht nach: fehlende Nachrichten werden noch einmal geholt',
  lost_heartbeat: 'das Gateway hat zu lange nichts von hier gehört',
  over_capacity:
    'das Gateway nimmt gerade keine weiteren Verbindungen an, oder von Ihrer Adresse kamen zu viele: warten Sie etwas',
  login_timeout: 'die Anmeldung hat zu lange gedauert',
  malformed_frame:
    'das Gateway hat diesen Client nicht verstanden: Client und Server passen vielleicht nicht zusammen',
  frame_too_large:
    'dieser Client hat mehr auf einmal gesendet, als das Gateway annimmt: aktualisieren Sie den Client',
  revoked: 'diese Sitzung endete, weil Ihre Schlüssel ersetzt wurden',
  account_closed: 'Ihr Konto wurde geschlossen oder gesperrt: fragen Sie den Betreiber des Servers',
  abuse:
    'das Gateway hat die Verbindung nach zu vielen gescheiterten Anmeldungen oder zu vielen Anfragen beendet: warten Sie einige Minuten',
  unsupported_version: 'Client und Server passen nicht zusammen: aktualisieren Sie den älteren',
};

export const connection: English['connection'] = {
  nothing_listens: 'unter {host} antwortet nichts: läuft der Server?',
  no_such_host: 'es gibt keinen Rechner namens {hostname}: prüfen Sie die Adresse',
  name_not_resolved:
    'die Adresse von {hostname} lässt sich gerade nicht ermitteln: ist dieses Gerät im Netz?',
  unreachable: '{host} ist von hier nicht zu erreichen: ist dieses Gerät im Netz?',
  not_allowed: 'dieses Gerät erlaubt keine Verbindungen zu {host}: prüfen Sie seine Firewall',
  too_many_files: 'auf diesem Gerät sind zu viele Dateien offen: erhöhen Sie die Grenze mit ulimit -n 1024',
  plain_not_tls: 'der Server unter {host} spricht kein TLS: versuchen Sie ws://{host} statt wss://{host}',
  tls_not_plain:
    '{host} antwortet nicht wie erwartet: wenn der Server TLS spricht, verwenden Sie wss://{host} statt ws://{host}; sonst prüfen Sie die Adresse',
  hung_up: '{host} hat die Verbindung beendet, bevor sie stand: läuft dort ein Conclave-Server?',
  certificate_expired:
    'das Zertifikat von {host} ist abgelaufen oder noch nicht gültig: prüfen Sie die Uhr, dann fragen Sie den Betreiber',
  certificate_name: 'das Zertifikat von {host} gilt für einen anderen Namen: geben Sie diesen als Adresse an',
  certificate_untrusted:
    'dieses Gerät vertraut dem Zertifikat von {host} nicht: für ein eigenes setzen Sie NODE_EXTRA_CA_CERTS=FILE.pem',
  tls_failed: 'TLS mit {host} ist gescheitert: Client und Server haben keine gemeinsame Version oder Chiffre',
  not_conclave: '{host} antwortet, ist aber kein Conclave-Server: prüfen Sie die Adresse',
  no_websocket:
    '{host} antwortet, erlaubt aber keine WebSockets: ein Proxy davor muss Upgrades weiterreichen',
  forbidden: '{host} oder ein Proxy davor hat die Verbindung abgelehnt: fragen Sie den Betreiber',
  too_often:
    '{host} oder ein Proxy davor nimmt gerade keine weiteren Verbindungen aus Ihrem Netz an: warten Sie eine Minute',
  no_gateway: 'unter {host} antwortet ein Proxy, aber kein Gateway dahinter: läuft der Server?',
  no_answer: '{host} antwortet nicht: stimmt die Adresse, und läuft der Server?',
  went_silent: '{host} antwortet nicht mehr: steht das Netz?',
  lost: 'die Verbindung zu {host} ist abgebrochen',
  bad_server: '{host} hält sich nicht an das Protokoll von Conclave: stimmt die Adresse?',
  unknown: 'keine Verbindung zu {host}, aus einem Grund, den dieser Client nicht kennt',
};

export const heldUp: English['heldUp'] = {
  unavailable: 'der Server kann das im Moment nicht',
  rate_limited: 'der Server nimmt im Moment nicht mehr an',
  epoch: 'ein anderes Mitglied erzeugt den neuen Schlüssel des Raums',
  silent: 'der Server hat noch nicht geantwortet',
};
