import type { Dataset } from './dataset.ts';
import { memoryOf, packed } from './labelled/pack.ts';
import { type OpenOptions, openDataset } from './open.ts';
import type { TableQuestion } from './table/use.ts';

/** What the worker is to open: a file, or what was pasted. */
export interface OpenRequest {
  readonly name: string;
  readonly file: Blob;
  readonly options: OpenOptions;
}

/** What it answers: how far it has come, again and again, and in the end one of the others. */
export type OpenAnswer =
  /** Which share of the file has been read, from 0 to 1. */
  | { readonly kind: 'reading'; readonly share: number }
  | { readonly kind: 'opened'; readonly dataset: Dataset }
  | { readonly kind: 'asked'; readonly question: TableQuestion }
  /** In a sentence, why it cannot be learned from. */
  | { readonly kind: 'refused'; readonly message: string }
  /** The browser does not give the file's bytes. */
  | { readonly kind: 'unreadable' };

const answer = (message: OpenAnswer, transfer: ArrayBuffer[] = []) => postMessage(message, { transfer });

export async function hear({ name, file, options }: OpenRequest): Promise<void> {
  const bytes = await file.arrayBuffer().catch(() => undefined);
  if (bytes === undefined) return answer({ kind: 'unreadable' });
  try {
    const heard = (share: number) => answer({ kind: 'reading', share });
    const opened = await openDataset(name, new Uint8Array(bytes), options, heard);
    if (opened.kind === 'question') answer({ kind: 'asked', question: opened });
    else {
      const dataset = opened.kind === 'labelled' ? packed(opened) : opened;
      answer({ kind: 'opened', dataset }, largeArraysOf(dataset));
    }
  } catch (error) {
    answer({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
  }
}

/** What is handed over rather than copied. */
function largeArraysOf(dataset: Dataset): ArrayBuffer[] {
  switch (dataset.kind) {
    case 'text':
      return [];
    case 'series':
      return dataset.columns.map(({ values }) => values.buffer);
    case 'labelled':
      return memoryOf(dataset);
  }
}
