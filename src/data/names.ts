/** The texts that come with Sluice. */
export const textNames = [
  'field-notes',
  'cookbook',
  'nursery-rhymes',
  'british-places',
  'as-you-like-it',
  'origin-of-species',
  'reber',
  'embedded-reber',
] as const;

/** All data that come with Sluice. */
export const datasetNames = [...textNames, 'noisy-sine', 'names', 'adding', 'copying'] as const;

/** The name of data that come with Sluice. */
export type DatasetName = (typeof datasetNames)[number];

/** What each is for: apart from the names, as a worker has no use for it. */
export const builtIns: Readonly<Record<DatasetName, string>> = {
  'field-notes': 'A naturalist’s notes, made up by a small grammar: a network’s first text.',
  cookbook: 'Made-up recipes, quickly judged: does a leek soup stay one of leeks?',
  'nursery-rhymes': 'A little book of old rhymes, soon known by heart.',
  'british-places': 'Names by GeoNames (CC BY 4.0): which villages will it invent?',
  'as-you-like-it': 'Shakespeare’s comedy: a play, with its speakers.',
  'origin-of-species': 'Darwin’s book of 1859: a real text to learn.',
  reber: 'Strings of a small automaton: does a network find its rules?',
  'embedded-reber': 'The same, with a symbol to be remembered from a string’s beginning to its end.',
  'noisy-sine': 'A series of numbers, two waves under noise: how near to the noise can a prediction come?',
  names: 'Made-up names of four peoples, to be told apart by the order of their letters.',
  adding: 'Two marked numbers among a hundred, to be added: what a network without gates forgets.',
  copying: 'Three letters to be repeated after 50 blanks: memory and nothing else.',
};
