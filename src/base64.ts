/** The bytes that base64 stands for. @throws DOMException if it is no base64 */
export const fromBase64 = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // No function takes as many arguments as a network has bytes.
  for (let from = 0; from < bytes.length; from += 4096) {
    binary += String.fromCharCode(...bytes.subarray(from, from + 4096));
  }
  return btoa(binary);
}
