import { FileError } from '../files/error.ts';
import { decodeModelFile, encodeModelFile, isOwn, type ModelFile, readVocabulary } from '../files/model-file.ts';
import { decodeTensors } from '../files/safetensors.ts';
import { isWebpage, networkInWebpage } from '../files/webpage.ts';
import { Vocabulary } from '../model/vocabulary.ts';
import { quote } from '../quote.ts';
import type { ExportFormat } from './export-formats.ts';
import type { Imported, ImportOptions, NamedFile } from './network.ts';

/** What a file of a model is, by its first bytes. */
type Kind = 'safetensors' | 'onnx' | 'keras' | 'page';

/**
 * Reads a network, whoever wrote it. Each format's reader is fetched when a file needs it.
 *
 * @param files the file, and what belongs to it: the weight shards of a `model.json`
 * @throws FileError in one sentence if it is no whole and sound network that Sluice has; MissingVocabularyError if it reads
 *   symbols of which nobody has said which they are
 */
export async function importNetwork(files: readonly NamedFile[], options: ImportOptions = {}): Promise<Imported> {
  const main = mainOf(files);
  switch (recognise(main)) {
    case 'safetensors': {
      const tensors = decodeTensors(main.bytes);
      if (isOwn(tensors.metadata)) return { file: decodeModelFile(main.bytes), remarks: [] };
      const { readStateDict } = await import('./pytorch/read.ts');
      return readStateDict(tensors, options);
    }
    case 'onnx': {
      const { readOnnx } = await import('./onnx/read.ts');
      return readOnnx(main.bytes, options);
    }
    case 'keras': {
      const { readKeras } = await import('./keras/read.ts');
      return readKeras(files, options);
    }
    case 'page':
      return { file: decodeModelFile(networkInWebpage(main.bytes)), remarks: [] };
  }
}

/**
 * The names of the files that belong to one and have to be given with it: a `model.json` names its weight shards.
 *
 * @throws FileError if it is no model, or names something else than files beside it
 */
export async function companionsOf(file: NamedFile): Promise<readonly string[]> {
  if (recognise(file) !== 'keras') return [];
  const { shardsOf } = await import('./keras/read.ts');
  return shardsOf(file.bytes);
}

/**
 * Writes a network in a format.
 *
 * @param name what the files shall be called, without an ending
 * @throws FileError if the format has no such network
 */
export async function exportNetwork(
  file: ModelFile,
  format: ExportFormat,
  name: string,
): Promise<readonly NamedFile[]> {
  switch (format) {
    case 'sluice':
      return [{ name: `${name}.safetensors`, bytes: encodeModelFile(file) }];
    case 'pytorch': {
      const { writeStateDict } = await import('./pytorch/write.ts');
      return [{ name: `${name}.safetensors`, bytes: writeStateDict(file) }];
    }
    case 'onnx': {
      const { writeOnnx } = await import('./onnx/write.ts');
      return [{ name: `${name}.onnx`, bytes: writeOnnx(file) }];
    }
    case 'tfjs': {
      const { writeKeras } = await import('./keras/write.ts');
      return writeKeras(file);
    }
    case 'page': {
      const { writeWebpage } = await import('./webpage/write.ts');
      return [{ name: `${name}.html`, bytes: await writeWebpage(file, name) }];
    }
  }
}

/** What a network needs where it is used and a format has no place for, in a sentence; nothing, if it needs nothing more. */
export function remarkOnExport({ inputs, outputs }: ModelFile, format: ExportFormat): string | undefined {
  const variables = [...new Map([...(inputs ?? []), ...(outputs ?? [])].map((each) => [each.name, each])).values()];
  if (format === 'sluice' || format === 'page' || variables.length === 0) return undefined;
  const few = variables
    .slice(0, mostNamed)
    .map(({ name, mean, deviation }) => `${quote(name)} ${mean} and ${deviation}`);
  const more = variables.length > mostNamed ? `, and others, as the file saved for Sluice has them` : '';
  return (
    'The file does not say how its numbers are scaled: a value goes in as (value − mean) / deviation, and is what comes out times ' +
    `deviation plus mean. Mean and deviation are, for ${few.join('; ')}${more}.`
  );
}

/** Of so many variables a remark gives the figures. */
const mostNamed = 4;

/**
 * The symbols that a file lists: a JSON list in the order of their ids, or else the text that a network has learned.
 *
 * @throws FileError if it is neither
 */
export function vocabularyOf({ name, bytes }: NamedFile): Vocabulary {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FileError('The vocabulary is not UTF-8: save it as UTF-8, or give a JSON list of the symbols.');
  }
  return name.endsWith('.json') ? readVocabulary(text)! : Vocabulary.of(text);
}

/** Sorts the file of a vocabulary, a list or a text, out of some that belong together. */
export function splitVocabulary(files: readonly NamedFile[]): {
  readonly files: readonly NamedFile[];
  readonly vocabulary?: Vocabulary | undefined;
} {
  const isVocabulary = ({ name, bytes }: NamedFile) => /\.txt$/i.test(name) || firstCharacter(bytes) === '[';
  const found = files.length > 1 ? files.find(isVocabulary) : undefined;
  if (found === undefined) return { files };
  return { files: files.filter((file) => file !== found), vocabulary: vocabularyOf(found) };
}

/** The file that tells what the others are. */
function mainOf(files: readonly NamedFile[]): NamedFile {
  const [first] = files;
  if (first === undefined) throw new FileError('No file was given.');
  return files.find(({ bytes }) => firstCharacter(bytes) === '{') ?? first;
}

function recognise({ name, bytes }: NamedFile): Kind {
  const starts = (...start: readonly number[]) => start.every((byte, i) => bytes[i] === byte);
  // A zip holds a pickle of PyTorch's or a network of Keras'; older pickles stand alone.
  if (starts(0x50, 0x4b, 3, 4) && !includes(bytes, '.pkl')) {
    throw new FileError(
      'This is a .keras file: convert it with tensorflowjs_converter, and open its model.json with its shards.',
    );
  }
  if (starts(0x50, 0x4b, 3, 4) || starts(0x80, 2) || /\.(pt|pth)$/i.test(name)) {
    throw new FileError(
      'This is a PyTorch pickle, which can hold any program: save the weights with safetensors.torch.save_file(model.state_dict(), "m.safetensors").',
    );
  }
  if (starts(0x89, 0x48, 0x44, 0x46)) {
    throw new FileError(
      'This is an HDF5 file of Keras: convert it with tensorflowjs_converter, and open its model.json with its shards.',
    );
  }
  if (isWebpage(bytes)) return 'page';
  if (firstCharacter(bytes) === '{') return 'keras';
  if (bytes[8] === 0x7b || /\.safetensors$/i.test(name)) return 'safetensors';
  // An ONNX file begins with the version of its format.
  if (bytes[0] === 8 || /\.onnx$/i.test(name)) return 'onnx';
  throw new FileError(
    'This is no model that Sluice reads: those are safetensors, .onnx, a model.json with its shards, and web pages that hold one.',
  );
}

/** The first character of a text that is no blank; of what is not UTF-8, anything. */
const firstCharacter = (bytes: Uint8Array): string =>
  String.fromCharCode(...bytes.subarray(0, 64))
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()[0] ?? '';

/** Whether some bytes, of which only the beginning is searched, hold a word. */
function includes(bytes: Uint8Array, word: string): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4096)).includes(word);
}
