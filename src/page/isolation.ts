/**
 * Runs before everything else of a page. In the built site it starts the service worker, and where the server does not
 * isolate the page from other origins, waits for it and loads the page once more: from the service worker, which does.
 */

/** How long the page waits for the service worker before it begins without, in milliseconds. */
const patience = 5000;

// Only the development server has `hot`: it isolates its pages itself, and its files change.
if (!import.meta.hot && 'serviceWorker' in navigator) {
  const ready = start(navigator.serviceWorker);
  if (isWorthReloading() && (await Promise.race([ready, later(patience)]))) {
    // Some browsers show this very page again, as it was left, when it is the next to be reloaded.
    addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
    location.reload();
    // Nothing should begin that would be broken off.
    await new Promise(() => {});
  }
  void ready.then((worker) => worker?.postMessage('keep'));
}

/** The service worker at work, or nothing where the browser has or wants none. */
async function start(workers: ServiceWorkerContainer): Promise<ServiceWorker | null> {
  try {
    // From this script's folder. What is kept apart from the address stays out of the bundler's hands.
    const script = '../service-worker.js';
    await workers.register(new URL(script, import.meta.url));
    return (await workers.ready).active;
  } catch {
    return null;
  }
}

/**
 * Whether the page would be isolated if it came from the service worker. Not in a frame of a page that is not isolated
 * itself, and not where a first reload has not helped, as the browser may be told to leave service workers out.
 */
function isWorthReloading(): boolean {
  if (crossOriginIsolated || navigator.serviceWorker.controller || self !== top) return false;
  const [navigation] = performance.getEntriesByType('navigation');
  return (navigation as PerformanceNavigationTiming | undefined)?.type !== 'reload';
}

function later(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined));
}

export {};
