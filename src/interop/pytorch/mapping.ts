import { FileError } from '../../files/error.ts';
import { parseJsonObject } from '../../files/json.ts';
import { asObject, type JsonObject } from '../../json-object.ts';
import { type Cell, cells } from '../../model/cells/cells.ts';
import { quote } from '../../quote.ts';

/** Which tensors of a state dict make which parameter, in a person's words: see `docs/interop.md`. */
export type Mapping = ModuleMapping | EquationMapping;

/** Modules by their names, where the usual ones do not tell. */
export interface ModuleMapping {
  readonly kind: 'modules';
  /** One module with all layers, or a module for each. */
  readonly recurrent?: readonly string[] | undefined;
  readonly embedding?: string | undefined;
  readonly output?: string | undefined;
}

/** Parameters by the names of Sluice's equations, each with what it is made of. */
export interface EquationMapping {
  readonly kind: 'equations';
  readonly cell: Cell;
  /** What a row of each matrix is made for: one number of what comes out, as in `nn.Linear`, or of what goes in. */
  readonly rows: 'outputs' | 'inputs';
  /** What z is how much of: the state that is replaced, or the state that stays. */
  readonly z: 'replaces' | 'keeps';
  readonly embedding?: string | undefined;
  /** The parts of each parameter, which are added up. */
  readonly tensors: ReadonlyMap<string, readonly Part[]>;
}

/** A tensor, or some of its rows or columns: from the first to before the end. */
export interface Part {
  readonly tensor: string;
  readonly rows?: readonly [number, number] | undefined;
  readonly columns?: readonly [number, number] | undefined;
}

/**
 * Reads a mapping file.
 *
 * @throws FileError if it is no JSON object of what a mapping says
 */
export function parseMapping(text: string): Mapping {
  const written = parseJsonObject('The mapping file', text);
  const isOfEquations = written.has('tensors');
  const known = isOfEquations ? ['cell', 'rows', 'z', 'embedding', 'tensors'] : ['recurrent', 'embedding', 'output'];
  const stranger = [...written.keys()].find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new FileError(`The mapping file has ${quote(stranger)}; it may have ${known.join(', ')}.`);
  const embedding = optionalName('embedding', written);
  if (!isOfEquations) {
    const recurrent = written.get('recurrent');
    const modules = typeof recurrent === 'string' ? [recurrent] : recurrent;
    if (modules !== undefined && !(areNames(modules) && modules.length > 0)) {
      throw new FileError('In the mapping file “recurrent” is no name of a module, and no list of them.');
    }
    return { kind: 'modules', recurrent: modules, embedding, output: optionalName('output', written) };
  }
  const tensors = asObject(written.get('tensors'));
  if (tensors === undefined) throw new FileError('In the mapping file “tensors” is no object of parameters.');
  return {
    kind: 'equations',
    cell: oneOf('cell', cells, written, undefined),
    rows: oneOf('rows', ['outputs', 'inputs'], written, 'outputs'),
    z: oneOf('z', ['replaces', 'keeps'], written, 'replaces'),
    embedding,
    tensors: new Map([...tensors].map(([name, value]) => [name, partsOf(name, value)])),
  };
}

const areNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

function optionalName(field: string, written: JsonObject): string | undefined {
  const value = written.get(field);
  if (value === undefined || typeof value === 'string') return value;
  throw new FileError(`In the mapping file ${quote(field)} is no name.`);
}

function oneOf<Word extends string>(
  field: string,
  words: readonly Word[],
  written: JsonObject,
  otherwise: Word | undefined,
): Word {
  const value = written.has(field) ? written.get(field) : otherwise;
  const word = words.find((each) => each === value);
  if (word === undefined)
    throw new FileError(`In the mapping file ${quote(field)} has to be one of ${words.join(', ')}.`);
  return word;
}

function partsOf(name: string, value: unknown): readonly Part[] {
  const values = Array.isArray(value) ? value : [value];
  const fault = () =>
    new FileError(
      `In the mapping file ${quote(name)} is not the name of a tensor, {"tensor": …, "columns": [from, to]}, or a list of such.`,
    );
  if (values.length === 0) throw fault();
  return values.map((each): Part => {
    if (typeof each === 'string') return { tensor: each };
    const part = asObject(each);
    const [tensor, rows, columns] = ['tensor', 'rows', 'columns'].map((field) => part?.get(field));
    if (typeof tensor !== 'string' || !isRange(rows) || !isRange(columns)) throw fault();
    return { tensor, rows, columns };
  });
}

function isRange(value: unknown): value is readonly [number, number] | undefined {
  if (value === undefined) return true;
  if (!Array.isArray(value) || value.length !== 2 || !value.every((place) => Number.isSafeInteger(place))) return false;
  return value[0] >= 0 && value[0] < value[1];
}
