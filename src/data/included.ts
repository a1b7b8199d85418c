import type { Dataset } from './dataset.ts';
import type { DatasetName } from './names.ts';

type IncludedName = Exclude<DatasetName, 'field-notes' | 'origin-of-species'>;

/** The data that come with the code and that few visitors ask for: each is fetched, and most are made, when it is asked for. */
export const included = {
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
} as const satisfies Record<IncludedName, () => Promise<Dataset>>;
