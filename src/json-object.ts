/** An object of a JSON text, by its keys: what is not in it is not found, whatever the keys are. */
export type JsonObject = ReadonlyMap<string, unknown>;

/** A JSON value's entries, if it is an object. */
export function asObject(value: unknown): JsonObject | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? new Map(Object.entries(value)) : undefined;
}
