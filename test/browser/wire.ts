/** Values on their way between a test and a page: JSON, with typed arrays and numbers that are not finite. */

const arrays = { Float32Array, Float64Array, Uint8Array, Uint32Array } as const;
type ArrayName = keyof typeof arrays;

export const encode = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return { wire: 'number', text: String(item) };
    if (!ArrayBuffer.isView(item)) return item;
    const bytes = new Uint8Array(item.buffer, item.byteOffset, item.byteLength);
    // In pieces, since a call takes only so many arguments; each of whole groups of 3, so that no padding stands between.
    const pieces: string[] = [];
    for (let i = 0; i < bytes.length; i += 24576)
      pieces.push(btoa(String.fromCharCode(...bytes.subarray(i, i + 24576))));
    return { wire: item.constructor.name, text: pieces.join('') };
  });

export const decode = (json: string): unknown =>
  JSON.parse(json, (_, item: { wire?: ArrayName | 'number'; text: string } | null) => {
    if (item?.wire === undefined) return item;
    if (item.wire === 'number') return Number(item.text);
    const text = atob(item.text);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
    return new arrays[item.wire](bytes.buffer);
  });
