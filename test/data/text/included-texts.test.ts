import { describe, expect, test } from 'vitest';
import { asYouLikeIt, playOf } from '../../../src/data/text/as-you-like-it.ts';
import { britishPlaces } from '../../../src/data/text/british-places.ts';
import { nurseryRhymes } from '../../../src/data/text/nursery-rhymes.ts';

const texts = [nurseryRhymes(), britishPlaces(), asYouLikeIt()];

test.each(texts)('$name stays below 150 KB, in plain characters, with nothing odd between them', ({ text }) => {
  expect(text.length).toBeLessThan(150_000);
  expect(text).toMatch(/^[\n -~]*[^\n]\n$/);
  for (const line of text.split('\n')) expect(line).toBe(line.trim().replace(/ {2,}/g, ' '));
});

test('The rhymes are verses of short lines, none of them twice', () => {
  const verses = nurseryRhymes().text.trimEnd().split('\n\n');
  expect(verses.length).toBeGreaterThan(100);
  expect(new Set(verses).size).toBe(verses.length);
  for (const line of verses.flatMap((verse) => verse.split('\n'))) expect(line.length).toBeLessThan(60);
});

test('The places stand one a line, each once, in an order that the seed gives', () => {
  const places = (seed?: number) => britishPlaces(seed).text.trimEnd().split('\n');
  expect(places()).toHaveLength(3998);
  expect(new Set(places()).size).toBe(3998);
  for (const place of places()) expect(place).toMatch(/^[A-Z][A-Za-z']*(?:[ -][A-Za-z']+)*$/);
  expect(places()).toEqual(expect.arrayContaining(['Much Wenlock', "Bo'ness", 'Stow on the Wold', 'Llanfairfechan']));
  expect(places(1)).not.toEqual(places(2));
  expect(places(1).toSorted()).toEqual(places(2).toSorted());
  expect(places()).not.toEqual(places().toSorted());
});

describe('The play', () => {
  const { text } = asYouLikeIt();

  test('runs from its first scene to its epilogue', () => {
    expect(
      text.startsWith("ACT I\n\nSCENE I. Orchard of Oliver's house.\n\n[Enter ORLANDO and ADAM]\n\nORLANDO:\nAs I"),
    ).toBe(true);
    expect(text.endsWith('when I make curtsy, bid me farewell.\n\n[Exeunt]\n')).toBe(true);
    expect(text).toContain("\nJAQUES:\nAll the world's a stage,\nAnd all the men and women merely players:\n");
    expect(text.match(/^ACT \w+\n\nSCENE \w+\. .*$/gm)).toHaveLength(22);
  });

  test('has each speaker in capitals before a colon, on a line of their own after an empty one', () => {
    const speakers = new Set(text.match(/(?<=\n\n)[A-Z ]+(?=:\n)/g));
    expect(speakers.size).toBe(27);
    expect([...speakers]).toEqual(expect.arrayContaining(['ROSALIND', 'DUKE SENIOR', 'FIRST LORD', 'HYMEN']));
    expect(text.match(/(?<!\n)\n[A-Z ]+:\n/g)).toBeNull();
  });

  test('is laid out from the edition’s tabs', () => {
    const edition =
      '\tA PLAY\n\n\tDRAMATIS PERSONAE\n\nONE\t|\n\t|  both.\n\n\tA PLAY\n\nACT I\n\n\n\nSCENE I\tA hall.\n\n\n\t[Enter ONE]\n\n' +
      'ONE\tGood  day.\n\tGood night.\n\t\nFirst Page\t   Stay!\n\n\tA PLAY\n\nACT I\n';
    expect(playOf(edition)).toBe(
      'ACT I\n\nSCENE I. A hall.\n\n[Enter ONE]\n\nONE:\nGood day.\nGood night.\n\nFIRST PAGE:\nStay!\n\nACT I\n',
    );
  });
});
