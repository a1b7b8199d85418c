/**
 * A naturalist's notebook, drawn from a small grammar: a text to learn that needs no network and no licence, and whose
 * own entropy is known exactly.
 *
 * Entries are drawn independently of each other, so the entropy of an endless notebook is
 *
 *     mean surprisal of an entry's choices / mean length of an entry, in bits per character
 *
 * where both means are sums over the whole grammar (`expectation`), not over a sample. The surprisal of the choices is
 * that of the text because the text tells the choices: wherever there is one, no alternative becomes a text that begins
 * with a text of another's. So who reads character by character knows each choice once its text is read, knows where an
 * entry ends, and no text has two derivations. (It is why a day has its blank: “1” begins “14”, but “1 ” does not.)
 *
 * There is something to remember at every distance: the season in the weather, the place in who is met there, the
 * animal in what it eats and how it leaves, how many there are in what the others do and in the last sentence.
 */

import { Random } from '../../model/random.ts';
import type { Corpus } from './corpus.ts';
import { type Alternatives, draw, evenly, expectation, type Grammar } from './grammar.ts';

interface Habitat {
  readonly places: readonly string[];
  readonly spots: readonly string[];
  readonly animals: Readonly<Record<string, Animal>>;
}

interface Animal {
  readonly eats: readonly string[];
  /** How it goes away: flew, swam, … */
  readonly leaves: string;
}

const habitats: Readonly<Record<string, Habitat>> = {
  shore: {
    places: ['Gull Point', 'the salt marsh', 'the old pier'],
    spots: ['weed', 'wreck', 'dunes', 'rocks'],
    animals: {
      heron: { eats: ['an eel', 'a crab'], leaves: 'flew' },
      seal: { eats: ['an eel', 'a sprat'], leaves: 'swam' },
      curlew: { eats: ['a worm', 'a shrimp'], leaves: 'flew' },
    },
  },
  brook: {
    places: ['the mill pond', 'the ford', 'Alder Bridge'],
    spots: ['weir', 'reeds', 'willow', 'sluice'],
    animals: {
      otter: { eats: ['a trout', 'a frog'], leaves: 'swam' },
      vole: { eats: ['a root', 'a snail'], leaves: 'swam' },
      swan: { eats: ['a lily', 'a snail'], leaves: 'flew' },
    },
  },
  wood: {
    places: ['Beech Hollow', 'the quarry', 'the hazel copse'],
    spots: ['holly', 'ivy', 'oak', 'nettles'],
    animals: {
      jay: { eats: ['an acorn', 'an egg'], leaves: 'flew' },
      owl: { eats: ['a mouse', 'a moth'], leaves: 'flew' },
      squirrel: { eats: ['an acorn', 'a nut'], leaves: 'ran' },
    },
  },
};

/** The rules that hold anywhere. */
const everywhere: Grammar = {
  entry: evenly('{day}{winter}. {outing}.\n', '{day}{summer}. {outing}.\n'),
  day: evenly(...wholeNumbers(1, 28).map((day) => `${day} `)),
  winter: evenly('{winter month}, {morning}. {winter sky}, {winter heat} F, wind {compass}{force}'),
  summer: evenly('{summer month}, {morning}. {summer sky}, {summer heat} F, wind {compass}{force}'),
  'winter month': evenly('October', 'November', 'December', 'January', 'February', 'March'),
  'summer month': evenly('April', 'May', 'June', 'July', 'August', 'September'),
  'winter sky': evenly('Snow', 'Sleet', 'Frost', 'Fog', 'Rain'),
  'summer sky': evenly('Clear', 'Warm', 'Haze', 'Thunder', 'Rain'),
  'winter heat': evenly('3{digit}', '4{digit}'),
  'summer heat': evenly('5{digit}', '6{digit}'),
  compass: evenly('N ', 'NE ', 'E ', 'SE ', 'S ', 'SW ', 'W ', 'NW '),
  force: evenly(...wholeNumbers(1, 8)),
  morning: evenly(...wholeNumbers(4, 11).map((hour) => `${hour}.{minute}`)),
  afternoon: evenly(...wholeNumbers(2, 9).map((hour) => `${hour}.{minute}`)),
  minute: evenly(...wholeNumbers(0, 5).map((ten) => `${ten}{digit}`)),
  count: evenly(...wholeNumbers(1, 9).map((ten) => `${ten}{digit}`)),
  digit: evenly(...wholeNumbers(0, 9)),

  outing: evenly(...Object.keys(habitats).map((habitat) => `At {${habitat} place}, {${habitat} sighting}`)),
  'a certain': evenly('a young', 'an old', 'a wet', 'a lame', 'a thin', 'a pale'),
  certain: evenly('young', 'old', 'wet', 'lame', 'thin', 'pale'),
  busy: evenly('asleep', 'feeding', 'calling', 'hiding', 'resting', 'hunting'),
  near: evenly('by', 'near', 'behind', 'beyond'),
  took: evenly('ate', 'took', 'found', 'dropped', 'hid', 'stole'),
  watched: evenly('watched', 'slept', 'fed', 'called', 'waited', 'fought'),
  direction: evenly('north', 'east', 'south', 'west'),
  medium: evenly('pencil', 'ink', 'chalk'),
};

function habitatRules(habitat: string, { places, spots, animals }: Habitat): Grammar {
  const names = Object.keys(animals);
  return {
    [`${habitat} place`]: evenly(...places),
    [`${habitat} spot`]: evenly(...spots),
    [`${habitat} sighting`]: evenly(...names.map((animal) => `{${animal} sighting}`)),
    ...merged(
      Object.entries(animals).map(([animal, habits]) => {
        const neighbours = names.filter((name) => name !== animal);
        return animalRules(animal, habits, neighbours, habitat);
      }),
    ),
  };
}

function animalRules(
  animal: string,
  { eats, leaves }: Animal,
  neighbours: readonly string[],
  habitat: string,
): Grammar {
  const busy = `{busy} {near} the {${habitat} spot}`;
  const took = `{took} {${animal} food}`;
  const alone = `{a certain} ${animal} ${busy}; the ${animal} ${took} and ${leaves} {direction}`;
  const company = (all: string, others: string) =>
    `${all} {certain} ${animal}s ${busy}; one ${animal} ${took}, ${others} {watched}`;
  const also = neighbours.map((neighbour) => `{count} ${neighbour}s`);
  return {
    [`${animal} sighting`]: {
      [`${alone}{${animal} neighbours} {${animal} farewell}`]: 2,
      [`{${animal} company}{${animal} neighbours} {${animal}s farewell}`]: 4,
    },
    [`${animal} company`]: evenly(
      company('two', 'one'),
      company('three', 'two'),
      company('four', 'three'),
      company('five', 'four'),
    ),
    [`${animal} food`]: evenly(...eats),
    [`${animal} neighbours`]: evenly('.', ...[...also, also.join(', ')].map((seen) => `; also ${seen}.`)),
    [`${animal} farewell`]: farewell(animal),
    [`${animal}s farewell`]: farewell(`${animal}s`),
  };
}

function farewell(subject: string): Alternatives {
  return evenly(
    `The ${subject} left at {afternoon}`,
    `Watched the ${subject} until {afternoon}`,
    `Drew the ${subject} in {medium}`,
  );
}

/** From one to the other, both included. */
function wholeNumbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);
}

function merged(grammars: readonly Grammar[]): Grammar {
  return Object.assign({}, ...grammars);
}

/** Its `entry` is one entry of the notebook, with the line end that closes it. */
export const fieldNotesGrammar: Grammar = {
  ...everywhere,
  ...merged(Object.entries(habitats).map(([name, habitat]) => habitatRules(name, habitat))),
};

/** In characters. The entry that reaches it is the last. */
const leastLength = 350_000;

/** The notebook that a seed gives. */
export function fieldNotes(seed = 1): Corpus {
  const random = new Random(seed);
  let text = '';
  while (text.length < leastLength) text += draw(fieldNotesGrammar, 'entry', random);
  const { surprisal, length } = expectation(fieldNotesGrammar, 'entry');
  return { kind: 'text', name: 'Field notes', text, entropy: surprisal / length };
}
