import type { Values } from '../texts/filled.ts';
import type { LocalFault } from '../texts/texts.ts';

const faults: Readonly<Record<string, LocalFault>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EROFS: 'read_only',
  EACCES: 'not_permitted',
  EPERM: 'not_permitted',
  ENOENT: 'file_missing',
  ENOTDIR: 'file_in_the_way',
  EISDIR: 'file_is_folder',
  EMFILE: 'too_many_files',
  ENFILE: 'too_many_files',
  EIO: 'disk_broken',
};

/** What the operating system refused, and to which file; undefined for what is no such refusal. */
export function systemFaultOf(
  error: unknown,
): { readonly fault: LocalFault; readonly values: Values } | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  const fault = faults[String(error.code)];
  if (fault === undefined) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return { fault, values: { path } };
}
