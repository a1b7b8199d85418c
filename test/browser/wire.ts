/** Values on their way between a test and a page: JSON, with typed arrays and numbers that are not finite. */

const arrays = { Float32Array, Float64Array, Uint32Array } as const;
type ArrayName = keyof typeof arrays;

export const encode = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return { wire: 'number', text: String(item) };
    if (!ArrayBuffer.isView(item)) return item;
    const bytes = new Uint8Array(item.buffer, item.byteOffset, item.byteLength);
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    return { wire: item.constructor.name, text: btoa(text) };
  });

export const decode = (json: string): unknown =>
  JSON.parse(json, (_, item: { wire?: ArrayName | 'number'; text: string } | null) => {
    if (item?.wire === undefined) return item;
    if (item.wire === 'number') return Number(item.text);
    return new arrays[item.wire](Uint8Array.from(atob(item.text), (character) => character.charCodeAt(0)).buffer);
  });
