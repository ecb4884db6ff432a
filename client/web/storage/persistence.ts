/** Whether the browser keeps what the page stores until somebody deletes it. Rejects where a browser knows nothing of that. */
export async function isKept(): Promise<boolean> {
  return navigator.storage.persisted();
}

/** Asks for it. A browser that asks somebody in turn may never answer: nothing may wait for this. */
export async function askToKeep(): Promise<boolean> {
  return navigator.storage.persist();
}
