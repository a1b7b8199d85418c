import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the test data: the environment's, or the one beside the project. */
export const corporaFolder = process.env['SLUICE_CORPORA'] ?? '../shared/data';

/** *On the Origin of Species*, the file that published figures were measured on. */
export const darwin = read(join(corporaFolder, 'origin_of_species.txt'));

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`${path} cannot be read: set SLUICE_CORPORA to the folder that holds it.`, { cause });
  }
}
