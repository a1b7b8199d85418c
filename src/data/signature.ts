/** What files of a kind begin with, and what a person is told of them. */
interface Signature {
  /** The first bytes, as characters of Latin-1; from `at` on, 0 if left out. */
  readonly start: string;
  readonly at?: number;
  /** What must stand among the first few thousand bytes too. */
  readonly holding?: string;
  readonly name: string;
  /** What to do instead, unless there is nothing in it that could be learned. */
  readonly advice?: string;
}

const sheet = 'save its sheet as CSV and open that';
const document = 'save its words as a text (UTF-8) and open that';
const archive = 'unpack it and open a file that was in it';

/** The kinds of files that are most often taken for data; of two that fit, the first. */
const signatures: readonly Signature[] = [
  { start: '\x89PNG', name: 'a picture (PNG)' },
  { start: '\xff\xd8\xff', name: 'a picture (JPEG)' },
  { start: 'GIF8', name: 'a picture (GIF)' },
  { start: 'WEBP', at: 8, name: 'a picture (WebP)' },
  { start: 'II*\0', name: 'a picture (TIFF)' },
  { start: 'MM\0*', name: 'a picture (TIFF)' },
  { start: 'BM', name: 'a picture (BMP)' },
  { start: 'WAVE', at: 8, name: 'sound (WAV)' },
  { start: 'ID3', name: 'sound (MP3)' },
  { start: '\xff\xfb', name: 'sound (MP3)' },
  { start: 'OggS', name: 'sound (Ogg)' },
  { start: 'fLaC', name: 'sound (FLAC)' },
  { start: 'ftyp', at: 4, name: 'a film or sound (MP4)' },
  { start: '\x1aE\xdf\xa3', name: 'a film (Matroska)' },
  { start: '%PDF', name: 'a PDF', advice: document },
  { start: 'PK\x03\x04', holding: 'xl/', name: 'an Excel workbook', advice: sheet },
  { start: 'PK\x03\x04', holding: 'word/', name: 'a Word document', advice: document },
  { start: 'PK\x03\x04', holding: 'opendocument.spreadsheet', name: 'an OpenDocument spreadsheet', advice: sheet },
  { start: 'PK\x03\x04', holding: 'opendocument.text', name: 'an OpenDocument text', advice: document },
  { start: 'PK\x03\x04', name: 'a ZIP archive', advice: archive },
  { start: '\xd0\xcf\x11\xe0', name: 'an old Office document', advice: 'save it as CSV or as a text (UTF-8)' },
  { start: '\x1f\x8b', name: 'packed with gzip', advice: 'unpack it and open what was in it' },
  { start: 'BZh', name: 'packed with bzip2', advice: 'unpack it and open what was in it' },
  { start: '\xfd7zXZ', name: 'packed with xz', advice: 'unpack it and open what was in it' },
  { start: '(\xb5/\xfd', name: 'packed with Zstandard', advice: 'unpack it and open what was in it' },
  { start: '7z\xbc\xaf', name: 'a 7z archive', advice: archive },
  { start: 'Rar!', name: 'a RAR archive', advice: archive },
  { start: 'SQLite format 3', name: 'an SQLite database', advice: 'save a table of it as CSV and open that' },
  { start: 'PAR1', name: 'a Parquet table', advice: 'save it as CSV and open that' },
  { start: '\x93NUMPY', name: 'an array of NumPy', advice: 'save it with numpy.savetxt as CSV and open that' },
];

/** In a sentence, what a file is that is no text; nothing, if its first bytes do not tell. @param name what it is called */
export function describeBinary(name: string, bytes: Uint8Array): string | undefined {
  const head = Array.from(bytes.subarray(0, 4096), (byte) => String.fromCharCode(byte)).join('');
  const found = signatures.find(
    ({ start, at = 0, holding = '' }) => head.startsWith(start, at) && head.includes(holding),
  );
  if (found === undefined) return undefined;
  const advice = found.advice ?? 'open a text, a table (CSV or TSV) or JSON Lines';
  return `${name} is ${found.name}, not a text: ${advice}.`;
}
