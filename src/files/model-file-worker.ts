import { decodeModelFile, type Training } from './model-file.ts';

/** What the worker answers: what a file says of its training, or in a sentence why it cannot be gone on with. */
export type ModelFileAnswer = Pick<Training, 'step' | 'configuration' | 'corpus'> | string;

const answer = (message: ModelFileAnswer) => postMessage(message);

/** Reads a model file where nobody waits for it. */
export function hear(file: Uint8Array<ArrayBuffer>): void {
  try {
    const { training } = decodeModelFile(file);
    if (training === undefined) {
      answer('The file holds a network, but no state of its training that could be gone on with.');
      return;
    }
    const { step, configuration, corpus } = training;
    answer({ step, configuration, corpus });
  } catch (error) {
    answer((error as Error).message);
  }
}
