/** What the page says where nothing of it runs: the build writes it into the page, apart from what scripts say. */
export const unstarted = {
  missing:
    'This page has not started: part of it is missing on the server, or still on its way. Load the page again. If that does not help, tell whoever runs the server.',
  no_script: 'Conclave encrypts and decrypts in this page, and needs JavaScript for that.',
} as const;
