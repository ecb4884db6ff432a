export const maskedSecret = '***';

/** Hides the password of a URL, and options whose names say that they are secret; all else stays readable. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([^:]+:\/\/[^:@/?#]*):[^/?#]*@/, `$1:${maskedSecret}@`)
    .replace(
      /([?&][^=&]*(?:password|secret|token|authMechanismProperties)[^=&]*=)[^&]*/gi,
      `$1${maskedSecret}`,
    );
}
