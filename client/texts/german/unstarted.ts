import type { unstarted as english } from '../english/web/unstarted.ts';
import type { Worded } from '../worded.ts';

export const unstarted: Worded<typeof english> = {
  missing:
    'Diese Seite ist nicht gestartet: Ein Teil von ihr fehlt auf dem Server oder ist noch unterwegs. Laden Sie die Seite neu. Wenn das nicht hilft, sagen Sie es dem Betreiber des Servers.',
  no_script: 'Conclave ver- und entschlüsselt in dieser Seite und braucht dafür JavaScript.',
};
