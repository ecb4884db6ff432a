/** The account goes to another device of the same person. */
export const linkTexts = {
  title: 'Link a new device?',
  gives: (user: string, server: string): string =>
    `This gives your whole account, ${user} at ${server}, to the device whose code you enter, for good.`,
  about: (server: string): string =>
    `On the new device, open the page of this server and choose "Link with another device", or run: conclave --server ${server} link`,
  yes: 'enter its code',
  code: 'Code shown on the new device',
  code_about: 'Its 8 letters and digits, such as K10M-PQRS, or the text of its QR code.',
  meeting: 'Waiting for the new device …',
  digits: 'Digits shown on the new device',
  digits_about: 'There is one try: wrong digits mean that the account goes nowhere.',
  no_digits: 'the new device shows six digits',
  giving: 'Giving your account to the new device …',
  giving_about: 'The new device now asks whether the account is yours. Answer it there.',
  given: (user: string): string => `the new device has the account of ${user}`,
  refused: 'nothing was given to the new device',
} as const;
