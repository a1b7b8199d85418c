import type { Dataset } from './dataset.ts';
import type { DatasetName } from './names.ts';
import { fieldNotes } from './text/field-notes.ts';

/** The data that are made on the spot, and need neither a network nor a disk. What few visitors ask for comes when it is asked for. */
export const generated = {
  'field-notes': async () => fieldNotes(),
  reber: async () => (await import('./text/reber.ts')).reberText(),
  'embedded-reber': async () => (await import('./text/reber.ts')).embeddedReberText(),
  'noisy-sine': async () => (await import('./generated/sine.ts')).noisySine(),
  names: async () => (await import('./generated/peoples.ts')).names(),
  adding: async () => (await import('./generated/adding.ts')).adding(),
  copying: async () => (await import('./generated/copying.ts')).copying(),
} as const satisfies Partial<Record<DatasetName, () => Promise<Dataset>>>;

export type GeneratedName = keyof typeof generated;

export const isGenerated = (name: DatasetName): name is GeneratedName => name in generated;
