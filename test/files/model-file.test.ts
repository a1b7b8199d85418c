import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/files/error.ts';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { decodeTensors, encodeTensors, type Tensor } from '../../src/files/safetensors.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { initialParameters, parameterLayout } from '../../src/model/parameters.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { gradientFixtures, networkFixtures, parseTensors, readModel } from '../fixtures.ts';
import { tinyAveragingCheckpoint, tinyCheckpoint, version } from './tiny-model.ts';

const fixtures = [...gradientFixtures, 'adam-gru-13x16x4x9-20steps', ...networkFixtures];

describe('A model file', () => {
  it.each(cells.flatMap((cell) => [1, 3].map((layers) => [cell, layers] as const)))(
    'holds all that was put in, to the last bit: %s, %i layers',
    (cell, layers) => {
      const checkpoint = tinyCheckpoint(cell, layers);
      expect(decodeModelFile(encodeModelFile(checkpoint))).toEqual(checkpoint);
      const { training: _, ...network } = checkpoint;
      expect(decodeModelFile(encodeModelFile(network))).toEqual(network);
    },
  );

  it('says that a network has no biases, and is damaged where one of them is not 0', () => {
    const { training, ...network } = tinyCheckpoint();
    const model = { ...network.model, biases: false };
    const configuration = { ...training!.configuration, biases: 'off' } as const;
    const parameters = initialParameters(model, 1);
    const without = { ...network, model, parameters, training: { ...training!, parameters, configuration } };
    expect(decodeModelFile(encodeModelFile(without))).toEqual(without);
    const { offset } = parameterLayout(model).places.find(({ name }) => name === 'b_r')!;
    const odd = { ...without, training: { ...without.training, parameters: parameters.with(offset, 0.5) } };
    expect(decodeModelFile(encodeModelFile(odd))).toEqual(odd);
    const fault = 'The network is said to have no biases, but b_r is not 0: the file is damaged.';
    expect(() => encodeModelFile({ ...without, parameters: parameters.with(offset, 0.5) })).toThrow(fault);
    const said = encodeModelFile({ ...network, parameters: network.parameters });
    const { metadata, tensors } = decodeTensors(said);
    const lying = encodeTensors({ metadata: new Map([...metadata, ['biases', 'off']]), tensors });
    expect(() => decodeModelFile(lying)).toThrow(/^The network is said to have no biases, but b_z is not 0/);
    const other = { ...without, training: { ...without.training, configuration: training!.configuration } };
    expect(() => decodeModelFile(encodeModelFile(other))).toThrow(/of another network than the file’s/);
  });

  it.each([
    ...(['parameters', 'm', 'v', 'carriedState'] as const).flatMap((what) =>
      [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => [what, value] as const),
    ),
    ['v', -1e-30] as const,
  ])('is not written with what no reader takes: in %s, %d', (what, value) => {
    for (const at of [0, -1]) {
      const { training, ...network } = tinyCheckpoint();
      const file = { ...network, training: training! };
      const numbers = what === 'parameters' ? file.parameters : file.training[what];
      numbers[(numbers.length + at) % numbers.length] = value;
      expect(() => encodeModelFile(file)).toThrow(FileError);
      expect(() => encodeModelFile(file)).toThrow(value === -1e-30 ? /some here are negative/ : `holds ${value}`);
    }
  });

  it('holds where training stands besides the network, and what equals the network once', () => {
    const checkpoint = tinyAveragingCheckpoint();
    const { parameters, training } = checkpoint;
    const networks = (file: typeof checkpoint) => {
      const bytes = encodeModelFile(file);
      expect(decodeModelFile(bytes)).toEqual(file);
      return Object.keys(parseTensors(Buffer.from(bytes))).filter(
        (name) => name.endsWith('U_z') && !name.includes('adam'),
      );
    };
    expect(networks(checkpoint).sort()).toEqual(['U_z', 'averaged.U_z', 'trained.U_z']);
    const same = parameters.slice();
    expect(networks({ ...checkpoint, training: { ...training, averaged: same } })).toHaveLength(2);
    expect(networks({ ...checkpoint, training: { ...training, parameters: same } })).toHaveLength(2);
    expect(networks({ ...checkpoint, training: { ...training, parameters: same, averaged: same } })).toEqual(['U_z']);
    // 0 and −0 are not the same bits.
    const signed = parameters.with(0, -0);
    const zero = { ...checkpoint, parameters: parameters.with(0, 0), training: { ...training, parameters: signed } };
    expect(networks(zero)).toContain('trained.U_z');
  });

  it('holds only finite numbers, wherever training stands', () => {
    const { training, ...network } = tinyAveragingCheckpoint();
    const { averaged, ...missing } = training;
    expect(averaged).toBeDefined();
    for (const what of ['parameters', 'averaged'] as const) {
      const numbers = training[what]!.with(0, Number.NaN);
      expect(() => encodeModelFile({ ...network, training: { ...training, [what]: numbers } })).toThrow(/holds NaN/);
    }
    // A training that averages and has no average yet begins with the network’s.
    expect(decodeModelFile(encodeModelFile({ ...network, training: missing })).training!.averaged).toEqual(
      network.parameters,
    );
  });

  it('names classes, which may be fewer than the symbols', () => {
    const { training: _, ...network } = tinyCheckpoint('lstm');
    const model = { ...network.model, outputSize: 2 };
    const named = { ...network, model, parameters: initialParameters(model, 1), classes: ['ham', 'spam'] };
    expect(decodeModelFile(encodeModelFile(named))).toEqual(named);
  });

  it('that is older than a setting has it as by default', () => {
    const checkpoint = tinyCheckpoint();
    const { tuning: _, layers: __, ...older } = { ...checkpoint.training!.configuration, tuning: 'measure' };
    const training = { ...checkpoint.training!, configuration: older as typeof defaultConfiguration };
    const read = decodeModelFile(encodeModelFile({ ...checkpoint, training }));
    const { tuning, layers } = defaultConfiguration;
    expect(read.training!.configuration).toEqual({ ...older, tuning, layers });
    expect(read).toEqual(checkpoint);
  });

  it.each(fixtures)('reads what others wrote: %s', (name) => {
    const file = readFileSync(new URL(`../fixtures/${name}.model.safetensors`, import.meta.url));
    const read = decodeModelFile(file);
    const { model, vocabulary, classes, parameters } = read;
    const expected = readModel(name, 1);
    expect(model).toEqual(expected.model);
    expect(parameters).toEqual(expected.state.parameters);
    expect(vocabulary?.size).toBe(model.inputs === 'symbols' ? model.inputSize : undefined);
    expect(classes?.length).toBe(/-(classes|labels)-/.test(name) ? model.outputSize : undefined);
    expect(read.version).toBe(name.startsWith('../networks') ? '2' : '1');
    expect(decodeModelFile(encodeModelFile(read))).toEqual({ ...read, version });
  });

  it('names its cost where that is not the cross-entropy', () => {
    const { model, state } = readModel('rnn-3x5x2x2x6-h0', 1);
    const squared = { model: { ...model, cost: 'squared-error' }, parameters: state.parameters } as const;
    expect(decodeModelFile(encodeModelFile(squared))).toEqual({ ...squared, version });
  });

  it('is read alike by a reader that follows the format’s description alone', () => {
    const checkpoint = tinyCheckpoint();
    const file = Buffer.from(encodeModelFile(checkpoint));
    const headerLength = Number(file.readBigUInt64LE(0));
    expect(headerLength % 8).toBe(0);
    expect(file.toString('utf8', 8, 8 + headerLength)).toMatch(/^\{.*\} {0,7}$/s);
    const header = JSON.parse(file.toString('utf8', 8, 8 + headerLength)) as {
      __metadata__: Record<string, string>;
      [tensor: string]: { data_offsets?: [number, number] } & Record<string, unknown>;
    };
    const { __metadata__: metadata, ...rest } = header;
    const ends = Object.values(rest).map(({ data_offsets }) => data_offsets!);
    expect(ends.map(([begin]) => begin)).toEqual([0, ...ends.slice(0, -1).map(([, end]) => end)]);
    expect(8 + headerLength + ends.at(-1)![1]).toBe(file.length);
    expect(metadata).toMatchObject({
      format: 'pt',
      producer: 'sluice',
      format_version: version,
      cell: 'gru',
      layers: '1',
      inputs: 'symbols',
      output: 'log-softmax',
      cost: 'cross-entropy',
    });
    expect(JSON.parse(metadata['vocabulary']!)).toEqual(['\n', '"', '😀']);

    const tensors = parseTensors(file);
    for (const { name, shape, offset, length } of parameterLayout(checkpoint.model).places) {
      const part = (flat: Float32Array) => ({ shape, data: flat.slice(offset, offset + length) });
      expect(tensors[name]).toEqual(part(checkpoint.parameters));
      expect(tensors[`adam.m.${name}`]).toEqual(part(checkpoint.training!.m));
      expect(tensors[`adam.v.${name}`]).toEqual(part(checkpoint.training!.v));
    }
    expect(tensors['carried_state']).toEqual({ shape: [1, 4, 2], data: checkpoint.training!.carriedState });
  });
});

describe('Safetensors', () => {
  it('keep numbers of both widths, and shapes with nothing in them, under any name', () => {
    const tensors = new Map<string, Tensor>([
      ['__proto__', { shape: [1], data: Float32Array.of(Number.NaN) }],
      ['double', { shape: [2, 1], data: Float64Array.of(Math.PI, -0) }],
      ['nothing', { shape: [0, 7], data: new Float32Array(0) }],
      ['scalar', { shape: [], data: Float64Array.of(1e300) }],
    ]);
    const metadata = new Map([['__proto__', 'constructor']]);
    const { metadata: readMetadata, tensors: readTensors } = decodeTensors(encodeTensors({ metadata, tensors }));
    expect(readMetadata).toEqual(metadata);
    expect(new Map([...readTensors].sort())).toEqual(tensors);
  });

  it('are read wherever they lie in memory', () => {
    const tensors = new Map([['x', { shape: [2], data: Float64Array.of(1, 2) }]]);
    const file = encodeTensors({ metadata: new Map(), tensors });
    const shifted = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
    expect(decodeTensors(shifted).tensors).toEqual(tensors);
  });
});
