import { kindLearned } from '../data/kinds.ts';
import type { SeriesEncoding } from '../data/series/variables.ts';
import type { ModelFile } from '../files/model-file.ts';
import { predictsItsInput } from '../model/configuration.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { UsageError } from './options.ts';

/** What a file's network is for, as the rest of “is a network …”. */
function purposeOf(file: ModelFile): string {
  const { model, classes } = file;
  switch (kindLearned(file)) {
    case 'text':
      return 'that writes text, for sample and match';
    case 'series':
      return 'that goes on with series, for predict and forecast';
    case 'labelled':
      return classes
        ? 'that tells labelled sequences apart, for classify'
        : 'that predicts numbers of labelled sequences, for predict';
    case undefined:
      if (model.inputs === 'vectors') return 'of vectors';
      return classes || model.output === 'log-softmax' ? 'of classes' : 'of numbers';
  }
}

const refusal = (path: string, file: ModelFile, only: string): UsageError =>
  new UsageError(`${path} is a network ${purposeOf(file)}: only one that ${only}.`);

/**
 * The symbols of a network that can write: one that predicts what it reads.
 *
 * @throws UsageError if it cannot
 */
export function writersVocabulary(path: string, file: ModelFile): Vocabulary {
  const { model, vocabulary, classes } = file;
  if (vocabulary !== undefined && classes === undefined && predictsItsInput(model)) return vocabulary;
  throw refusal(path, file, 'predicts the symbols it reads can write');
}

/**
 * A network that has learned from a series.
 *
 * @throws UsageError if it has not
 */
export function forSeries<File extends ModelFile>(path: string, file: File): File & SeriesEncoding {
  if (kindLearned(file) === 'series') return file as File & SeriesEncoding;
  throw refusal(path, file, 'has learned from a series can go on with one');
}

/**
 * A network that tells labelled sequences apart.
 *
 * @throws UsageError if it does not
 */
export function forClasses(path: string, file: ModelFile): ModelFile & { readonly classes: readonly string[] } {
  const { classes } = file;
  if (kindLearned(file) === 'labelled' && classes) return { ...file, classes };
  throw refusal(path, file, 'has learned labels can classify');
}

/**
 * A network that predicts numbers, of a series or of labelled sequences.
 *
 * @throws UsageError if it does not
 */
export function forNumbers(path: string, file: ModelFile): ModelFile & Required<Pick<ModelFile, 'outputs'>> {
  const { outputs } = file;
  if (kindLearned(file) !== undefined && outputs) return { ...file, outputs };
  throw refusal(path, file, 'has learned from numbers can predict them');
}
