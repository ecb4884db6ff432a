/** Hands bytes to the browser's downloads. */
export function saveFile(name: string, ...parts: readonly Uint8Array<ArrayBuffer>[]): void {
  const address = URL.createObjectURL(new Blob([...parts], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by then; the bytes stay as long as it needs them.
  setTimeout(() => URL.revokeObjectURL(address));
}
