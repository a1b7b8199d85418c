import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/files/error.ts';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { Random } from '../../src/model/random.ts';
import { tinyAveragingCheckpoint, tinyCheckpoint } from './tiny-model.ts';

/** What the header of a file says, to be changed at will. */
interface Header {
  __metadata__: Record<string, unknown>;
  [tensor: string]: { dtype?: unknown; shape?: unknown; data_offsets?: unknown; [other: string]: unknown };
}

const checkpoint = tinyCheckpoint();
const sound = encodeModelFile(checkpoint);
const numbersStart = 8 + Number(new DataView(sound.buffer).getBigUint64(0, true));
const headerText = new TextDecoder().decode(sound.subarray(8, numbersStart));

function assemble(header: string | Uint8Array, numbers: Uint8Array = sound.subarray(numbersStart)): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = Buffer.alloc(8 + text.length + numbers.length);
  file.writeBigUInt64LE(BigInt(text.length));
  file.set(text, 8);
  file.set(numbers, 8 + text.length);
  return file;
}

function change(mutate: (header: Header) => void): Uint8Array {
  const header = JSON.parse(headerText) as Header;
  mutate(header);
  return assemble(JSON.stringify(header));
}

/** Changes the JSON that the metadata hold under a name. */
const changeWords = (name: string, mutate: (words: string) => string) =>
  change((header) => {
    header.__metadata__[name] = mutate(header.__metadata__[name] as string);
  });

const changeTraining = (mutate: (training: Record<string, Record<string, unknown>>) => void) =>
  changeWords('training', (words) => {
    const training = JSON.parse(words) as Record<string, Record<string, unknown>>;
    mutate(training);
    return JSON.stringify(training);
  });

/** The file with a tensor's number replaced. */
function withNumber(tensor: string, value: number): Uint8Array {
  const header = JSON.parse(headerText) as Record<string, { data_offsets: [number, number] }>;
  const file = sound.slice();
  new DataView(file.buffer).setFloat32(numbersStart + header[tensor]!.data_offsets[1] - 4, value, true);
  return file;
}

/** A message is one line, and all of it can be read. */
function refusalOf(file: Uint8Array): string | undefined {
  try {
    decodeModelFile(file);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    const { message } = error as Error;
    expect(message).toMatch(/^[^\p{Control}\u2028\u2029]{20,300}$/u);
    return message;
  }
}

const withLength = (length: bigint) => {
  const file = sound.slice();
  new DataView(file.buffer).setBigUint64(0, length, true);
  return file;
};

const set = (name: string, field: string, value: unknown) =>
  change((header) => {
    header[name] = { ...header[name], [field]: value };
  });

const setting = (name: string, value: unknown) =>
  changeTraining((training) => {
    training['configuration']![name] = value;
  });

const heldOut = { lookedAt: 17, sinceBest: 1, best: { step: 9, loss: 2 } };

const best = (wrong: object) =>
  changeTraining((training) =>
    Object.assign(training, { heldOut: { ...heldOut, best: { ...heldOut.best, ...wrong } } }),
  );

const points = { stride: 2, filled: 1, steps: [2, 3], losses: [1, 1] };

const losses = (wrong: object) =>
  changeTraining((training) =>
    Object.assign(training, { course: { seconds: 1, training: { ...points, ...wrong }, heldOut: points } }),
  );

const lastStep = (wrong: object) => {
  const last = { step: 3, loss: 1, gradientNorm: 0.5, learningRate: 0.01, ...wrong };
  return changeTraining((training) =>
    Object.assign(training, { course: { seconds: 1, training: points, heldOut: points, last } }),
  );
};

/** What a training that averages holds, said to be of one that does not. */
function averagedWithout(): Uint8Array {
  const { training, ...network } = tinyAveragingCheckpoint();
  const configuration = { ...training.configuration, averaging: 0 };
  return encodeModelFile({ ...network, training: { ...training, configuration } });
}

const without = (name: string) => change((header) => void delete header.__metadata__[name]);

const withClasses = (classes: string) => change((header) => Object.assign(header.__metadata__, { classes }));

/** A file of two layers, with something in its header changed. */
function changeDeep(from: string | RegExp, to: string): Uint8Array {
  const file = encodeModelFile(tinyCheckpoint('gru', 2));
  const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  return assemble(new TextDecoder().decode(file.subarray(8, start)).replace(from, to), file.subarray(start));
}

const fewerLayers = changeDeep('"layers":"2"', '"layers":"1"');
const narrowLayer = changeDeep('"U_z_l1":{"dtype":"F32","shape":[2,2]', '"U_z_l1":{"dtype":"F32","shape":[1,4]');

/** A file of version 1 that has lost its symbols. */
const withoutVocabularyOf1 = (() => {
  const file = readFileSync(new URL('./version-1/gru.safetensors', import.meta.url));
  const start = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, start)) as Header;
  delete header.__metadata__['vocabulary'];
  return assemble(JSON.stringify(header), file.subarray(start));
})();

const replaceInHeader = (from: string, to: string) => assemble(headerText.replace(from, to));
const deep = '['.repeat(100_000);

const hostile: Record<string, readonly [Uint8Array, RegExp]> = {
  'no bytes': [new Uint8Array(0), /not a safetensors file/],
  'a text': [new TextEncoder().encode('It was the best of times, it was the worst of times'), /not a safetensors file/],
  'a header of 2⁶⁴ − 1 bytes': [
    withLength(2n ** 64n - 1n),
    /^This is not a safetensors file, or it is damaged: it begins with no length of a header\.$/,
  ],
  'a header of 2⁵³ bytes': [withLength(2n ** 53n), /not a safetensors file, or it is damaged/],
  'a header of 100 MB in a short file': [withLength(100_000_000n), /cut off/],
  'a header one byte longer than the file': [withLength(BigInt(sound.length - 7)), /cut off/],
  'a header of no bytes': [withLength(0n), /not valid JSON/],
  'a header that ends too early': [withLength(40n), /not valid JSON/],
  'a header that is no object': [assemble('["F32"]'), /no JSON object/],
  'a header that nests deeply': [assemble(`{"a":${deep}`), /not valid JSON/],
  'a header that nests deeply, and is JSON': [assemble(`{"a":${deep}${']'.repeat(100_000)}}`), /“a”/],
  'a header that is not UTF-8': [
    assemble(Buffer.concat([Buffer.from('{"'), Uint8Array.of(0xff), Buffer.from('":1}')])),
    /UTF-8/,
  ],
  'a header after a blank': [assemble(` ${headerText}`), /no JSON object/],
  'a header after a byte order mark': [assemble(`\uFEFF${headerText}`), /no JSON object/],
  'two headers': [assemble(headerText + headerText), /not valid JSON/],
  'no tensors': [assemble('{}', new Uint8Array(0)), /not a model of Sluice/],
  'a tensor twice': [
    replaceInHeader('{"__', '{"U_z":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"__'),
    /“U_z” twice/,
  ],
  'a tensor twice, written differently': [
    replaceInHeader('{"__', '{"U\\u005fz":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"__'),
    /“U_z” twice/,
  ],
  'a dtype twice': [replaceInHeader('"dtype":"F32"', '"dtype":"F64","dtype":"F32"'), /“dtype” twice/],
  'metadata twice': [replaceInHeader('{"__', '{"__metadata__":{},"__'), /“__metadata__” twice/],
  'metadata that are a list': [change((header) => Object.assign(header, { __metadata__: [] })), /not strings/],
  'metadata with a number': [
    change((header) => Object.assign(header.__metadata__, { format_version: 1 })),
    /not strings/,
  ],
  'a tensor that is null': [change((header) => Object.assign(header, { U_z: null })), /“U_z” is not described/],
  'a tensor that is a list': [change((header) => Object.assign(header, { U_z: [1] })), /“U_z” is not described/],
  'a tensor with a word too many': [set('U_z', 'strides', [1]), /“U_z” is not described/],
  'a tensor named __proto__': [
    replaceInHeader('{"__', '{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"__'),
    /tensor “__proto__”, which is not one/,
  ],
  'a tensor named constructor': [
    replaceInHeader('{"__', '{"constructor":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"__'),
    /tensor “constructor”, which is not one/,
  ],
  'a tensor whose description inherits': [
    replaceInHeader('"dtype":"F32","shape"', '"__proto__":{"dtype":"F32"},"shape"'),
    /is not described/,
  ],
  'a name of many lines': [
    change((header) => {
      header[`${'\n'.repeat(99)}\u2028\u202e`] = { dtype: 'F32', shape: [0], data_offsets: [0, 0] };
    }),
    /which is not one of this network’s/,
  ],
  'no dtype': [set('U_z', 'dtype', undefined), /is not described/],
  'numbers of 16 bits': [set('U_z', 'dtype', 'I16'), /I16: save it as F32/],
  'numbers of an unknown type': [set('U_z', 'dtype', 'F33'), /“F33”/],
  'numbers of an inherited type': [set('U_z', 'dtype', 'constructor'), /“constructor”/],
  'numbers of 64 bits where the bytes are for 32': [set('U_z', 'dtype', 'F64'), /another shape/],
  'a shape that is too large': [set('U_z', 'shape', [3, 3]), /another shape/],
  'a shape that is far too large': [set('U_z', 'shape', [2 ** 40, 2 ** 40]), /another shape/],
  'a shape past all numbers': [set('U_z', 'shape', Array(99).fill(2 ** 50)), /another shape/],
  'a shape that is nothing times infinity': [set('U_z', 'shape', [...Array(99).fill(2 ** 50), 0]), /another shape/],
  'a shape with a sign': [set('U_z', 'shape', [-3, -2]), /is not described/],
  'a shape with a fraction': [set('U_z', 'shape', [1.5, 4]), /is not described/],
  'a shape of words': [set('U_z', 'shape', ['3', '2']), /is not described/],
  'a shape turned on its side': [set('U_z', 'shape', [2, 3]), /damaged/],
  'a shape that is flat': [set('U_z', 'shape', [6]), /U_z is no matrix/],
  'a bias that is a matrix': [set('b_z', 'shape', [2, 1]), /b_z is \[2, 1\], not \[2\]/],
  'offsets past the end': [
    change((header) => {
      const last = Object.values(header).find(
        (info) => (info.data_offsets as number[])?.[1] === sound.length - numbersStart,
      )!;
      last.data_offsets = (last.data_offsets as number[]).map((offset) => offset + 8);
    }),
    /bytes before/,
  ],
  'offsets far past the end': [set('U_z', 'data_offsets', [2 ** 52, 2 ** 52 + 24]), /bytes before|ends at byte/],
  'offsets that overlap': [set('U_r', 'data_offsets', [4, 28]), /overlaps/],
  'offsets that are another’s': [set('U_r', 'data_offsets', [0, 24]), /overlaps/],
  'offsets that run backwards': [set('U_z', 'data_offsets', [24, 0]), /not a beginning and an end/],
  'offsets before the beginning': [set('U_z', 'data_offsets', [-24, 0]), /is not described/],
  'offsets with a fraction': [set('U_z', 'data_offsets', [0.5, 24.5]), /is not described/],
  'three offsets': [set('U_z', 'data_offsets', [0, 24, 48]), /not a beginning and an end/],
  'offsets that are infinite': [replaceInHeader('"data_offsets":[0,', '"data_offsets":[1e999,'), /is not described/],
  'bytes that belong to nothing': [
    assemble(headerText, Buffer.concat([sound.subarray(numbersStart), Buffer.alloc(4)])),
    /last 4 bytes/,
  ],
  'another format’s names': [
    assemble('{"weight_ih_l0":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', new Uint8Array(4)),
    /not a model of Sluice/,
  ],
  'another producer': [changeWords('producer', () => 'weir'), /not a model of Sluice/],
  'another version': [changeWords('format_version', () => '6'), /format_version “6”; this Sluice reads 1 to 5/],
  'a version that is nearly one': [changeWords('format_version', () => '2.0'), /format_version “2\.0”/],
  'another cell': [changeWords('cell', () => 'mgu'), /cell is “mgu”, not one of gru, gru-after, lstm, rnn, rnn-tanh/],
  'a cell that objects inherit': [changeWords('cell', () => 'constructor'), /cell is “constructor”/],
  'a cell that objects begin with': [changeWords('cell', () => '__proto__'), /cell is “__proto__”/],
  'no cell': [without('cell'), /cell is “”/],
  'the other cell': [changeWords('cell', () => 'rnn'), /no tensor U/],
  'another cell of the same tensors, but for one': [changeWords('cell', () => 'gru-after'), /no tensor b_hh/],
  'no layers': [without('layers'), /layers are “”/],
  'layers that are none': [changeWords('layers', () => '0'), /1 to 16 layers, not 0/],
  'layers below none': [changeWords('layers', () => '-1'), /1 to 16 layers, not -1/],
  'too many layers': [changeWords('layers', () => '4294967296'), /1 to 16 layers, not 4294967296/],
  'layers in powers of ten': [changeWords('layers', () => '1e9'), /layers are “1e9”/],
  'layers in words': [changeWords('layers', () => 'x'), /layers are “x”/],
  'half a layer': [changeWords('layers', () => '1.5'), /layers are “1\.5”/],
  'layers with a blank': [changeWords('layers', () => ' 1'), /layers are “ 1”/],
  'more layers than there are tensors of': [changeWords('layers', () => '2'), /no tensor U_z_l1/],
  'fewer layers than there are tensors of': [fewerLayers, /tensor “(adam\.[mv]\.)?U_z_l1”, which is not one/],
  'a layer of another size': [narrowLayer, /U_z_l1 is \[1, 4\], not \[2, 2\]/],
  'no inputs': [without('inputs'), /inputs is “”, not one of symbols, vectors/],
  'other inputs': [changeWords('inputs', () => 'pictures'), /inputs is “pictures”/],
  'vectors with a vocabulary': [changeWords('inputs', () => 'vectors'), /vocabulary, but vectors go into/],
  'another output': [changeWords('output', () => 'tanh'), /output is “tanh”/],
  'another cost': [change((header) => Object.assign(header.__metadata__, { cost: 'hinge' })), /cost is “hinge”/],
  'a cost that does not fit': [
    change((header) => Object.assign(header.__metadata__, { cost: 'squared-error' })),
    /log-softmax/,
  ],
  'no cost': [without('cost'), /cost is “”/],
  'a linear output of probabilities': [changeWords('output', () => 'linear'), /squared error/],
  'no vocabulary': [without('vocabulary'), /no vocabulary/],
  'no vocabulary, in version 1': [withoutVocabularyOf1, /no vocabulary/],
  'too few classes': [withClasses('["a","b"]'), /names 2 classes, but its network has 3 outputs of log-softmax/],
  'classes that are numbers': [withClasses('["a","b",3]'), /not a list of names/],
  'an object for classes': [withClasses('{"length":3}'), /not a list of names/],
  'classes that are no JSON': [withClasses('a,b,c'), /list of classes is not valid JSON/],
  'classes where none come out': [
    change((header) => Object.assign(header.__metadata__, { output: 'sigmoid', classes: '["a","b","c"]' })),
    /names 3 classes, but its network has 3 outputs of sigmoid/,
  ],
  'a vocabulary that is too small': [changeWords('vocabulary', () => '["a","b"]'), /2 symbols, but U_z 3 rows/],
  'a vocabulary that is too large': [changeWords('vocabulary', () => '["a","b","c","d"]'), /4 symbols, but U_z 3 rows/],
  'a symbol twice': [changeWords('vocabulary', () => '["a","b","a"]'), /“a” stands twice/],
  'a symbol of two characters': [changeWords('vocabulary', () => '["a","b","cd"]'), /Symbol 2 .* not one character/],
  'a symbol of none': [changeWords('vocabulary', () => '["a","b",""]'), /Symbol 2/],
  'half a symbol': [changeWords('vocabulary', () => '["a","b","\\ud83d"]'), /Symbol 2/],
  'a number for a symbol': [changeWords('vocabulary', () => '["a","b",3]'), /Symbol 2/],
  'an object for a vocabulary': [changeWords('vocabulary', () => '{"a":0}'), /not a list/],
  'a vocabulary that is no JSON': [changeWords('vocabulary', () => '["a"'), /vocabulary is not valid JSON/],
  'a network without training, with its moments': [
    change((header) => void delete header.__metadata__['training']),
    /tensor “adam\.m\.U_z”/,
  ],
  'a missing tensor': [
    change((header) => {
      header['adam.v.other'] = header['adam.v.W_h']!;
      delete header['adam.v.W_h'];
    }),
    /tensor “adam\.v\.other”/,
  ],
  'a carried state of other rows': [
    set('carried_state', 'shape', [1, 2, 4]),
    /carried_state is \[1, 2, 4\], not \[1, 4, 2\]/,
  ],
  'a carried state of other states': [
    set('carried_state', 'shape', [2, 2, 2]),
    /carried_state is \[2, 2, 2\], not \[1, 4, 2\]/,
  ],
  'a carried state as version 1 has it': [set('carried_state', 'shape', [4, 2]), /\[4, 2\], not \[1, 4, 2\]/],
  'training that is no JSON': [changeWords('training', (words) => words.slice(1)), /training is not valid JSON/],
  'training that is a list': [changeWords('training', () => '[]'), /training is not a JSON object/],
  'training with a key twice': [changeWords('training', (words) => words.replace('{', '{"step":1,')), /“step” twice/],
  'a step with a fraction': [
    changeTraining((training) => Object.assign(training, { step: 0.5 })),
    /step is not a whole/,
  ],
  'a step before the first': [
    changeTraining((training) => Object.assign(training, { step: -1 })),
    /step is not a whole/,
  ],
  'a step past all numbers': [changeWords('training', (words) => words.replace('17', '1e999')), /step is not a whole/],
  'no configuration': [changeTraining((training) => void delete training['configuration']), /no configuration/],
  'a setting that is nothing': [setting('warmup', null), /no valid warmup/],
  'a missing setting that is not as by default': [setting('hidden', undefined), /another network/],
  'a tuning there is not': [setting('tuning', 'fast'), /“fast” for tuning/],
  'a setting of __proto__': [
    changeWords('training', (words) =>
      words.replace('"configuration":{', '"configuration":{"__proto__":{"hidden":9},'),
    ),
    /“__proto__”, which is no setting/,
  ],
  'a setting in words': [setting('steps', '9'), /no valid steps/],
  'a setting that is too large': [setting('temperature', 101), /“101” for temperature/],
  'a choice there is not': [setting('schedule', 'steep'), /“steep” for schedule/],
  'a best network of a later step': [best({ step: 18 }), /held-out part has shown/],
  'a best network without a loss': [best({ loss: 'low' }), /held-out part has shown/],
  'losses of later steps': [losses({ steps: [2, 18] }), /how its loss has gone/],
  'losses of a step twice': [losses({ steps: [2, 2] }), /how its loss has gone/],
  'losses without steps': [losses({ steps: [2] }), /how its loss has gone/],
  'a loss that is no number': [losses({ losses: [1, null] }), /how its loss has gone/],
  'more losses in a point than it has room for': [losses({ filled: 3 }), /how its loss has gone/],
  'a last step that was not taken': [lastStep({ step: 18 }), /how its loss has gone/],
  'a last step without a norm': [lastStep({ gradientNorm: null }), /how its loss has gone/],
  'looks that are no number of them': [
    changeTraining((training) => Object.assign(training, { heldOut: { ...heldOut, sinceBest: -1 } })),
    /held-out part has shown/,
  ],
  'a look that is still to come': [
    changeTraining((training) => Object.assign(training, { heldOut: { ...heldOut, lookedAt: 18 } })),
    /held-out part has shown/,
  ],
  'averaged parameters of a training without': [averagedWithout(), /training that does not average/],
  'another hidden size': [setting('hidden', 3), /another network/],
  'another batch': [setting('batch', 5), /carried_state is \[1, 4, 2\], not \[1, 5, 2\]/],
  'another network’s cell': [setting('cell', 'rnn'), /another network/],
  'another network’s layers': [setting('layers', 2), /another network/],
  'too many layers in its settings': [setting('layers', 17), /“17” for layers/],
  'outputs that no text has': [setting('output', 'linear'), /“linear” for output/],
  'no hash': [changeTraining((training) => void delete training['dataset']!['sha256']), /SHA-256/],
  'a hash that is none': [
    changeTraining((training) => Object.assign(training['dataset']!, { sha256: 'ABC' })),
    /SHA-256/,
  ],
  'an unknown engine': [changeTraining((training) => Object.assign(training['engine']!, { name: 'tpu' })), /engine/],
  'a second moment below zero': [withNumber('adam.v.V', -1e-30), /some here are negative/],
};

describe('A damaged file is refused with one line:', () => {
  it.each(Object.entries(hostile))('%s', (_, [file, message]) => {
    const before = process.memoryUsage().arrayBuffers;
    const refusal = refusalOf(file);
    expect(refusal).toMatch(message);
    // What the header promises is not asked of the machine.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it.each([
    [
      'a million tensors',
      '"tensor_123456":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},',
      80_000_000,
      /80000002 bytes/,
    ],
    [
      'all tensors for which there is room',
      '"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},',
      2 ** 24 - 2,
      /more tensors/,
    ],
    ['nothing but objects', '"":{},', 2 ** 24 - 2, /more tensors/],
    ['nothing but numbers', '"":[0,0,0,0,0,0,0,0,0,0],', 2 ** 24 - 2, /more tensors/],
    ['lists in lists', '"":[', 2 ** 24 - 2, /more tensors/],
  ])('with a header of %s, before it costs anything', (_, entry, length, message) => {
    const header = Buffer.concat([Buffer.from('{'), Buffer.alloc(length, entry), Buffer.from('}')]);
    const file = assemble(header);
    const before = [process.memoryUsage().heapUsed, performance.now()] as const;
    expect(refusalOf(file)).toMatch(message);
    expect(performance.now() - before[1]).toBeLessThan(2000);
    expect(process.memoryUsage().heapUsed - before[0]).toBeLessThan(2 ** 26);
  });

  it('cut off anywhere', () => {
    for (let length = 0; length < sound.length; length++) {
      expect(refusalOf(sound.subarray(0, length)), `${length} bytes`).toBeDefined();
    }
    expect(sound.length).toBeGreaterThan(1000);
  });

  it('with a number that is not finite, in any tensor', () => {
    const names = Object.keys(JSON.parse(headerText)).filter((name) => name !== '__metadata__');
    expect(names).toHaveLength(34);
    for (const name of names) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        expect(refusalOf(withNumber(name, value)), `${value} in ${name}`).toContain(`${name} holds ${value}`);
      }
    }
  });

  it('without any one of its tensors', () => {
    const names = Object.keys(JSON.parse(headerText)).filter((name) => name !== '__metadata__');
    for (const name of names) expect(refusalOf(change((header) => void delete header[name]))).toBeDefined();
  });

  it('with any bit of the header’s length flipped', () => {
    for (let bit = 0; bit < 64; bit++) {
      const file = sound.slice();
      file[bit >> 3]! ^= 1 << (bit & 7);
      expect(refusalOf(file), `bit ${bit}`).toBeDefined();
    }
  });

  it('with a byte of the header changed, unless that only changes what a word says', () => {
    const random = new Random(11);
    // Only within what the metadata say can a changed byte leave a file that is whole: a name, a digit, a symbol.
    const metadataEnd = 8 + new TextEncoder().encode(headerText.slice(0, headerText.indexOf('},"U_z"'))).length;
    let [refused, misread] = [0, 0];
    for (let at = 8; at < numbersStart; at++) {
      for (const flip of [1 << random.integer(8), 1 + random.integer(255)]) {
        const file = sound.slice();
        file[at]! ^= flip;
        if (refusalOf(file) !== undefined) {
          refused++;
          continue;
        }
        misread++;
        expect(at, `byte ${at} ^ ${flip}`).toBeLessThan(metadataEnd);
        const { model, parameters, training } = decodeModelFile(file);
        expect({ model, parameters, m: training?.m, v: training?.v, carried: training?.carriedState }).toEqual({
          model: checkpoint.model,
          parameters: checkpoint.parameters,
          m: checkpoint.training!.m,
          v: checkpoint.training!.v,
          carried: checkpoint.training!.carriedState,
        });
      }
    }
    expect(refused).toBeGreaterThan(4000);
    // Without a checksum, which the format does not have, these cannot be told from files that mean it.
    expect(misread).toBeLessThan(refused / 8);
  });
});
