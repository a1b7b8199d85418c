/** How a page that is not isolated from other origins, and so computes with one thread, would come to more; '' if not at all. */
export function adviceOnThreads(): string {
  if (crossOriginIsolated) return '';
  if (self !== top) return 'It stands in another page: opened in a tab of its own, it can use all cores.';
  if (!isSecureContext) return 'Over HTTPS it could use all cores.';
  return !import.meta.hot && 'serviceWorker' in navigator ? 'Loaded once more, it can use all cores.' : '';
}
