/** In the storage of this tab: when the page was loaded again because one of its parts was missing, in milliseconds since 1970. */
const LOADED_AGAIN_AT = 'conclave-loaded-again-at';
/** Whatever the server lacks, it is not asked for the page more often. */
const LOADED_AGAIN_MS = 60_000;
/** Between two parts that are fetched in advance: the server counts each as a connection. */
const FETCH_PAUSE_MS = 500;

/**
 * Fetches in advance what the page loads only when it is needed, so that neither a server that is away then nor one that has another
 * build by then is asked for it. Browsers keep it: names of parts stand for their content.
 */
export async function fetchParts(): Promise<void> {
  const names = document.querySelector('meta[name=parts]')?.getAttribute('content')?.split(' ') ?? [];
  for (const name of names) {
    await new Promise((resolve) => setTimeout(resolve, FETCH_PAUSE_MS));
    // One that fails is asked for again when it is needed.
    await fetch(`/${name}`)
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined);
  }
}

/**
 * A server that got another build while the page was open may lack a part of this one. The page is then loaded again, as the server has it
 * now, unless somebody would lose what `isBusy` knows of.
 */
export function followBuilds(isBusy: () => boolean): void {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (isMissing(entry) && !isBusy()) loadAgain();
  }).observe({ type: 'resource', buffered: true });
}

function isMissing(entry: PerformanceEntry): boolean {
  if (!(entry instanceof PerformanceResourceTiming) || entry.responseStatus !== 404) return false;
  return new URL(entry.name).origin === location.origin && /\.(?:css|js)$/.test(entry.name);
}

function loadAgain(): void {
  if (Date.now() - Number(sessionStorage.getItem(LOADED_AGAIN_AT) ?? 0) < LOADED_AGAIN_MS) return;
  sessionStorage.setItem(LOADED_AGAIN_AT, String(Date.now()));
  location.reload();
}
