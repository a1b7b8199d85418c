import type { Dataset } from './dataset.ts';
import type { DatasetName } from './names.ts';
import { fieldNotes } from './text/field-notes.ts';

/**
 * The data that come with the code, most of them made on the spot: they need no other server and no other file. What few visitors ask
 * for comes when it is asked for.
 */
export const included = {
  'field-notes': async () => fieldNotes(),
  cookbook: async () => (await import('./text/cookbook.ts')).cookbook(),
  'nursery-rhymes': async () => (await import('./text/nursery-rhymes.ts')).nurseryRhymes(),
  'british-places': async () => (await import('./text/british-places.ts')).britishPlaces(),
  'as-you-like-it': async () => (await import('./text/as-you-like-it.ts')).asYouLikeIt(),
  reber: async () => (await import('./text/reber.ts')).reberText(),
  'embedded-reber': async () => (await import('./text/reber.ts')).embeddedReberText(),
  'noisy-sine': async () => (await import('./generated/sine.ts')).noisySine(),
  names: async () => (await import('./generated/peoples.ts')).names(),
  adding: async () => (await import('./generated/adding.ts')).adding(),
  copying: async () => (await import('./generated/copying.ts')).copying(),
} as const satisfies Partial<Record<DatasetName, () => Promise<Dataset>>>;

export type IncludedName = keyof typeof included;

export const isIncluded = (name: DatasetName): name is IncludedName => name in included;
