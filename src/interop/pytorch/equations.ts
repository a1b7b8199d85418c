import { FileError } from '../../files/error.ts';
import type { TensorFile } from '../../files/safetensors.ts';
import { type Cell, cells, gatesOf } from '../../model/cells/cells.ts';
import { mostLayers } from '../../model/configuration.ts';
import { layerSuffix, type ParameterPlace, parameterLayout, parameterNames } from '../../model/parameters.ts';
import { quote } from '../../quote.ts';
import { foldEmbedding, type Matrix, transposed } from '../fused.ts';
import { complete, type Imported, type ImportOptions } from '../network.ts';
import type { EquationMapping, Part } from './mapping.ts';
import { matrixOf, remarkOnUnused, vectorOf } from './tensors.ts';

/**
 * A file of Sluice's, or a state dict of `interop/pytorch/sluice.py`, that has lost its metadata on the way: its tensors have
 * the names of the equations, which tell the cell. Adam's moments are left: without the settings no training goes on.
 *
 * @returns `undefined` if the names are others
 * @throws FileError if they leave two cells
 */
export function namedAsEquations(
  { metadata, tensors }: TensorFile,
  options: ImportOptions,
): EquationMapping | undefined {
  const fitting = cells.filter((cell) => {
    const names = parameterNames({ cell, layers: layersIn(tensors, cell) });
    const own = [...tensors.keys()].filter((name) => !isOfTraining(name));
    return names.length === own.length && names.every((name) => tensors.has(name));
  });
  const told = options.cell ?? metadata.get('cell');
  const cell = fitting.length > 1 ? fitting.find((each) => each === told) : fitting[0];
  if (fitting.length === 0) return undefined;
  if (cell === undefined) {
    throw new FileError(
      `The names of the tensors are those of ${fitting.join(' and ')}: give --cell with one of them.`,
    );
  }
  const names = parameterNames({ cell, layers: layersIn(tensors, cell) });
  const parts = new Map(names.map((name) => [name, [{ tensor: name }]]));
  return { kind: 'equations', cell, rows: 'inputs', z: 'replaces', tensors: parts };
}

const isOfTraining = (name: string) => /^adam\.[mv]\./.test(name) || name === 'carried_state';

function layersIn(tensors: { has(name: string): boolean }, cell: Cell): number {
  const { bias } = gatesOf(cell)[0]!;
  let layers = 1;
  while (layers < mostLayers && tensors.has(bias + layerSuffix(layers))) layers++;
  return layers;
}

/**
 * A network whose parameters are given one by one, by the names of the equations.
 *
 * @throws FileError naming the parameter of which nothing is said, or whose parts do not fit
 */
export function readEquations(
  { metadata, tensors }: TensorFile,
  mapping: EquationMapping,
  options: ImportOptions,
): Imported {
  const { cell, embedding } = mapping;
  const layers = layersIn(mapping.tensors, cell);
  const names = parameterNames({ cell, layers });
  const stranger = [...mapping.tensors.keys()].find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw new FileError(
      `The mapping file has ${quote(stranger)}; a ${cell} of ${layers === 1 ? '1 layer' : `${layers} layers`} has ${names.join(', ')}.`,
    );
  }
  const used = new Set<string>(embedding === undefined ? [] : [embedding]);
  const partsOf = (name: string) => {
    const parts = mapping.tensors.get(name);
    if (parts === undefined) throw new FileError(`The mapping file says nothing of ${quote(name)}.`);
    for (const { tensor } of parts) used.add(tensor);
    return parts;
  };
  /** `[rows of inputs, columns of outputs]` */
  const matrixFor = (name: string) =>
    addUp(
      name,
      partsOf(name).map((part) => cut(part, mapping.rows, tensors)),
    );
  const [firstInput, firstRecurrent] = (['input', 'recurrent'] as const).map((role) =>
    matrixFor(gatesOf(cell).find((gate) => gate[role] !== undefined)![role]!),
  );
  const symbols = embedding === undefined ? undefined : matrixOf(embedding, tensors);
  const told = {
    cell,
    layers,
    inputSize: symbols?.rows ?? firstInput!.rows,
    hiddenSize: firstRecurrent!.columns,
    outputSize: matrixFor('V').columns,
    ...(symbols !== undefined && { inputs: 'symbols' as const }),
    tags: metadata,
  };
  const negative = new Set(
    mapping.z === 'keeps'
      ? gatesOf(cell)
          .filter(({ letter }) => letter === 'z')
          .flatMap(namesOf)
      : [],
  );
  const file = complete(
    told,
    (model) => {
      const { places, length } = parameterLayout(model);
      const flat = new Float32Array(length);
      for (const place of places) {
        const values = valuesOf(place, symbols, matrixFor, (name) =>
          addUp(
            name,
            partsOf(name).map((part) => cutVector(part, tensors)),
          ),
        );
        const sign = negative.has(place.name.replace(/_l\d+$/, '')) ? -1 : 1;
        flat.set(sign === 1 ? values : values.map((value) => -value), place.offset);
      }
      return flat;
    },
    options,
  );
  return { file, remarks: remarkOnUnused(tensors, used) };
}

const namesOf = (gate: { input?: string; recurrent?: string; bias: string }) =>
  [gate.input, gate.recurrent, gate.bias].filter((name) => name !== undefined);

/** Symbols in, as `foldEmbedding` has it, of matrices with rows of inputs. */
const folded = (symbols: Matrix, U: Matrix) => transposed(foldEmbedding(symbols, transposed(U)));

/** A parameter's numbers. What goes into the first layer meets its embedding before it meets U. */
function valuesOf(
  { name, role, layer, shape }: ParameterPlace,
  symbols: Matrix | undefined,
  matrixFor: (name: string) => Matrix,
  vectorFor: (name: string) => Matrix,
): Float32Array {
  const given = shape.length === 1 ? vectorFor(name) : matrixFor(name);
  const found = role === 'input' && layer === 0 && symbols !== undefined ? folded(symbols, given) : given;
  const has = shape.length === 1 ? [found.columns] : [found.rows, found.columns];
  if (has.join() !== shape.join()) {
    throw new FileError(`What is given for ${quote(name)} is [${has.join(', ')}], not [${shape.join(', ')}].`);
  }
  return found.data;
}

/** Some rows and columns of a matrix, with rows for what goes in. */
function cut(part: Part, rowsAre: 'outputs' | 'inputs', tensors: TensorFile['tensors']): Matrix {
  const whole = matrixOf(part.tensor, tensors);
  const [top, bottom] = within(part.tensor, 'rows', part.rows, whole.rows);
  const [left, right] = within(part.tensor, 'columns', part.columns, whole.columns);
  const data = new Float32Array((bottom - top) * (right - left));
  for (let row = top; row < bottom; row++) {
    const start = row * whole.columns;
    data.set(whole.data.subarray(start + left, start + right), (row - top) * (right - left));
  }
  const matrix = { rows: bottom - top, columns: right - left, data };
  return rowsAre === 'inputs' ? matrix : transposed(matrix);
}

/** Some numbers of a vector, as a row. */
function cutVector({ tensor, rows, columns }: Part, tensors: TensorFile['tensors']): Matrix {
  const whole = vectorOf(tensor, tensors);
  const [first, end] = within(tensor, 'numbers', rows ?? columns, whole.length);
  return { rows: 1, columns: end - first, data: whole.slice(first, end) };
}

function within(name: string, what: string, range: Part['rows'], count: number): readonly [number, number] {
  const [first, end] = range ?? [0, count];
  if (end > count)
    throw new FileError(`The mapping takes ${what} ${first} to ${end} of ${quote(name)}, which has ${count}.`);
  return [first, end];
}

function addUp(name: string, parts: readonly Matrix[]): Matrix {
  const [first, ...others] = parts as [Matrix, ...Matrix[]];
  for (const { rows, columns } of others) {
    if (rows === first.rows && columns === first.columns) continue;
    throw new FileError(`What is to be added up for ${quote(name)} has different shapes.`);
  }
  return { ...first, data: first.data.map((value, i) => others.reduce((sum, { data }) => sum + data[i]!, value)) };
}
