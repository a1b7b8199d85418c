/**
 * What data from outside must look like, as values that check it and types that follow from them. A fault is told with its
 * place, as in “kernels[2].size.V is missing”.
 */
export type Shape<Value> = (value: unknown, place: string) => Value;

/** The type of what a shape lets through. */
export type Shaped<S> = S extends Shape<infer Value> ? Value : never;

function fault(value: unknown, place: string, wanted: string): never {
  throw new TypeError(value === undefined ? `${place} is missing` : `${place} is not ${wanted}`);
}

export const text: Shape<string> = (value, place) => (typeof value === 'string' ? value : fault(value, place, 'text'));

/** Finite, and not negative: every figure of a benchmark is. */
export const number: Shape<number> = (value, place) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : fault(value, place, 'a number from 0');

export const boolean: Shape<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : fault(value, place, 'true or false');

export const oneOf =
  <const Choice extends string | number>(...choices: readonly Choice[]): Shape<Choice> =>
  (value, place) =>
    choices.find((choice) => choice === value) ?? fault(value, place, choices.join(' or '));

export const list =
  <Item>(item: Shape<Item>): Shape<readonly Item[]> =>
  (value, place) =>
    Array.isArray(value) ? value.map((each, i) => item(each, `${place}[${i}]`)) : fault(value, place, 'a list');

/** A list that files of earlier versions do not have: there it is empty. */
export const laterList =
  <Item>(item: Shape<Item>): Shape<readonly Item[]> =>
  (value, place) =>
    value === undefined ? [] : list(item)(value, place);

export const record =
  <Item>(item: Shape<Item>): Shape<Readonly<Record<string, Item>>> =>
  (value, place) =>
    Object.fromEntries(
      Object.entries(entriesOf(value, place)).map(([key, each]) => [key, item(each, `${place}.${key}`)]),
    );

export const optional =
  <Value>(shape: Shape<Value>): Shape<Value | undefined> =>
  (value, place) =>
    value === undefined ? undefined : shape(value, place);

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Mandatory<F extends Fields> = { [Key in keyof F]: undefined extends Shaped<F[Key]> ? never : Key }[keyof F];
type Simple<T> = { readonly [Key in keyof T]: T[Key] };

/** An object with these fields; others that it has are left out. */
export const object =
  <F extends Fields>(
    fields: F,
  ): Shape<
    Simple<
      { readonly [Key in Mandatory<F>]: Shaped<F[Key]> } & {
        readonly [Key in Exclude<keyof F, Mandatory<F>>]?: Exclude<Shaped<F[Key]>, undefined>;
      }
    >
  > =>
  (value, place) => {
    const given = entriesOf(value, place);
    const checked = Object.entries(fields).map(([key, shape]) => [
      key,
      shape(given[key], place === '' ? key : `${place}.${key}`),
    ]);
    return Object.fromEntries(checked.filter(([, each]) => each !== undefined));
  };

function entriesOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return fault(value, place || 'It', 'an object');
}
