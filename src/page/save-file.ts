/** Hands a file to the browser to be saved under a name. */
export function saveFile(name: string, contents: Blob): void {
  const url = URL.createObjectURL(contents);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then, and a page may be left open for days.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
