/** The texts that come with Sluice. */
const texts = {
  'field-notes': 'A naturalist’s notes, made up by a small grammar: a network’s first text.',
  cookbook: 'Made-up recipes, quickly judged: does a leek soup stay one of leeks?',
  'nursery-rhymes': 'A little book of old rhymes, soon known by heart.',
  'british-places': 'Names by GeoNames (CC BY 4.0): which villages will it invent?',
  'as-you-like-it': 'Shakespeare’s comedy: a play, with its speakers.',
  'origin-of-species': 'Darwin’s book of 1859: a real text to learn.',
  reber: 'Strings of a small automaton: does a network find its rules?',
  'embedded-reber': 'The same, with a symbol to be remembered from a string’s beginning to its end.',
} as const;

/** The data that come with Sluice, by their names, and what each is for. */
export const builtIns = {
  ...texts,
  'noisy-sine': 'A series of numbers, two waves under noise: how near to the noise can a prediction come?',
  names: 'Made-up names of four peoples, to be told apart by the order of their letters.',
  adding: 'Two marked numbers among a hundred, to be added: what a network without gates forgets.',
  copying: 'Three letters to be repeated after 50 blanks: memory and nothing else.',
} as const;

/** The name of data that come with Sluice. */
export type DatasetName = keyof typeof builtIns;

export const datasetNames = Object.keys(builtIns) as [DatasetName, ...DatasetName[]];

export const textNames = Object.keys(texts) as [keyof typeof texts, ...(keyof typeof texts)[]];
