import { quote } from '../quote.ts';

/** The largest file that browsers read in one piece. */
const largest = 2 ** 31;

/** Why a file that was chosen could not be read, in a sentence: browsers themselves hardly tell. */
export const describeUnreadable = ({ name, size }: Pick<File, 'name' | 'size'>): string =>
  size >= largest
    ? `${quote(name)} is larger than the 2 GiB that a browser reads in one piece: cut it into parts.`
    : `${quote(name)} could not be read: it may have been moved or changed. Choose it once more.`;
