/**
 * The built site's service worker. It stands between the pages and their server, and does two things:
 *
 * - To every answer it adds the headers that isolate a page from other origins, which many static hosts cannot send, so
 *   that the CPU engine's threads may share memory.
 * - It keeps the site's files, and answers with them where the network does not.
 *
 * A page comes from the network first, so that a new version is seen at once. A file in `assets/` has a hash of its content
 * in its name, so the one that is kept is the right one. A new service worker takes over when no page of the old one is open
 * any more, and only then are files of the old version removed.
 */

/** The addresses of the site's files, from its root; the build fills them in. */
declare const siteFiles: readonly string[];

/** The part of a service worker's surroundings that is used here: TypeScript has them only in the place of a page's. */
interface Surroundings {
  readonly registration: { readonly scope: string };
  addEventListener(type: 'activate' | 'message', listener: (event: Extendable) => void): void;
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void;
}

interface Extendable {
  /** Keeps the service worker from being stopped until the work is done. */
  waitUntil(work: Promise<unknown>): void;
}

interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const worker = self as unknown as Surroundings;
const { scope } = worker.registration;
/** An origin may have other sites in other folders. */
const openKept = () => caches.open(`sluice ${scope}`);

worker.addEventListener('activate', (event) => event.waitUntil(removeOldFiles()));
// A page says so when it has what it needs itself.
worker.addEventListener('message', (event) => event.waitUntil(keepAll()));
worker.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  if (method === 'GET' && url.startsWith(scope)) event.respondWith(answer(event).then(isolated));
});

async function answer(event: Fetching): Promise<Response> {
  // Where nothing can be kept, there is the network still.
  const kept = await openKept().catch(() => undefined);
  const address = addressOf(event.request.url);
  const found = await kept?.match(address);
  if (found && address.startsWith(`${scope}assets/`)) return found;
  try {
    const response = await fetch(event.request);
    if (kept && response.ok) event.waitUntil(kept.put(address, response.clone()));
    return response;
  } catch (error) {
    if (found) return found;
    throw error;
  }
}

/** The same answer, from a server that isolates its pages. */
function isolated(response: Response): Response {
  // The browser follows a redirection by itself, and asks here again.
  if (response.type === 'opaqueredirect') return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  const { body, status, statusText } = response;
  return new Response(body, { headers, status, statusText });
}

/** Under which address a file is kept: a page's settings stand in its query, and its folder is its address too. */
function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/index\.html$/, '/');
}

const siteAddresses = () => siteFiles.map((file) => new URL(file, scope).href);

/**
 * Fetches what is not kept yet, one file after the other, so that the page that is at work hardly notices. What cannot be had
 * is asked for again at the next visit.
 */
async function keepAll(): Promise<void> {
  const kept = await openKept();
  for (const address of siteAddresses()) {
    if (!(await kept.match(address))) await kept.add(address).catch(() => {});
  }
}

async function removeOldFiles(): Promise<void> {
  const kept = await openKept();
  const wanted = new Set(siteAddresses());
  for (const { url } of await kept.keys()) {
    if (!wanted.has(url)) await kept.delete(url);
  }
}
