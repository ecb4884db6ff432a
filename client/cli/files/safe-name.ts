/** Bytes of UTF-8: what file systems take, less what a number and a temporary name add. */
const NAME_BYTES_MAX = 200;
const EXTENSION_CHARS_MAX = 20;
const NAMELESS = 'file';

/** Windows takes these for devices, whatever comes behind a dot. */
const devices = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)\s*(\.|$)/i;

/**
 * A name from outside as one that may stand in a folder of any system: no path, no controls or invisible characters, no dot in front,
 * nothing that Windows refuses or takes for a device.
 */
export function safeName(given: string): string {
  const [last = ''] = given.split(/[/\\]/).slice(-1);
  const plain = last
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\p{Zs}/gu, ' ')
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '');
  const named = plain === '' ? NAMELESS : plain;
  return shortened(devices.test(named) ? `_${named}` : named);
}

/** The same name with a number, before its extension. */
export function numberedName(name: string, number: number): string {
  const { stem, extension } = parts(name);
  return `${stem} (${number})${extension}`;
}

function shortened(name: string): string {
  const { stem, extension } = parts(name);
  const most = NAME_BYTES_MAX - Buffer.byteLength(extension);
  let kept = '';
  for (const character of stem) {
    if (Buffer.byteLength(kept + character) > most) break;
    kept += character;
  }
  return `${kept.replace(/[. ]+$/, '')}${extension}`;
}

function parts(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  const isShort = dot > 0 && name.length - dot <= EXTENSION_CHARS_MAX;
  return isShort ? { stem: name.slice(0, dot), extension: name.slice(dot) } : { stem: name, extension: '' };
}
