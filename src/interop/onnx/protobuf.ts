import { PbfReader } from 'pbf';
import { FileError } from '../../files/error.ts';

/**
 * The wire format of protocol buffers: a message is a row of fields, each with its number and a value, which may be a
 * message again. Every message is read from bytes of its own, so none reaches past its end; and nothing reads what it does
 * not ask for, so messages may nest as deeply as they like.
 */

/** A field as the wire has it: a whole number, or bytes, of which there are 4 or 8 where it is a number of that width. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array<ArrayBuffer>;
  readonly wire: 'varint' | 'fixed64' | 'bytes' | 'fixed32';
}

/** What messages say of a file that breaks a rule of the format. */
export const damaged = (what: string): FileError =>
  new FileError(`The file is not a whole ONNX model: ${what}. It is damaged, or of another format.`);

/** More fields than this has no file whose weights are written as one field each. */
const mostFields = 1_000_000;
const largestNumber = 2 ** 29 - 1;

/** Reads the messages of one file. */
export class WireReader {
  #left = mostFields;

  /**
   * The fields of a message, in order.
   *
   * @throws FileError if they are not whole, or the file has too many of them
   */
  *fields(message: Uint8Array<ArrayBuffer>): Generator<Field> {
    const pbf = new PbfReader(message);
    while (pbf.pos < message.length) {
      if (this.#left-- === 0)
        throw new FileError(`The file has more than ${mostFields} fields: no network needs them.`);
      const tag = readVarint(pbf);
      const number = Math.floor(tag / 8);
      if (number < 1 || number > largestNumber) throw damaged('a field has a number that there cannot be');
      switch (tag % 8) {
        case 0:
          yield { number, wire: 'varint', value: readVarint(pbf) };
          break;
        case 1:
          yield { number, wire: 'fixed64', value: take(pbf, 8) };
          break;
        case 2:
          yield { number, wire: 'bytes', value: take(pbf, readVarint(pbf)) };
          break;
        case 5:
          yield { number, wire: 'fixed32', value: take(pbf, 4) };
          break;
        default:
          throw damaged(`field ${number} is of the wire type ${tag % 8}`);
      }
    }
  }
}

/** A whole number of up to 64 bits, with its sign; past 2⁵³ it is rounded. */
function readVarint(pbf: PbfReader): number {
  let value: number;
  try {
    value = pbf.readVarint(true);
  } catch {
    throw damaged('a number is longer than 64 bits');
  }
  if (pbf.pos > pbf.length) throw damaged('it ends within a number');
  return value;
}

function take(pbf: PbfReader, length: number): Uint8Array<ArrayBuffer> {
  const end = pbf.pos + length;
  if (length < 0 || end > pbf.length) throw damaged('a field is longer than what it is part of');
  const bytes = pbf.buf.subarray(pbf.pos, end) as Uint8Array<ArrayBuffer>;
  pbf.pos = end;
  return bytes;
}

const mistyped = ({ number }: Field) => damaged(`field ${number} is of another type than the format has for it`);

/** What a field holds that is a message, or bytes. */
export function bytesOf(field: Field): Uint8Array<ArrayBuffer> {
  if (field.wire !== 'bytes') throw mistyped(field);
  return field.value as Uint8Array<ArrayBuffer>;
}

export function textOf(field: Field): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(field));
  } catch (error) {
    throw error instanceof FileError ? error : damaged('a text in it is not UTF-8');
  }
}

export function integerOf(field: Field): number {
  if (field.wire !== 'varint') throw mistyped(field);
  return field.value as number;
}

/** One or more whole numbers, in one field. */
export function integersOf(field: Field): number[] {
  if (field.wire === 'varint') return [integerOf(field)];
  const pbf = new PbfReader(bytesOf(field));
  const numbers: number[] = [];
  while (pbf.pos < pbf.length) numbers.push(readVarint(pbf));
  return numbers;
}

/** The bytes of one or more numbers of 32 bits, in one field. */
export function words32Of(field: Field): Uint8Array<ArrayBuffer> {
  return wordsOf(field, 'fixed32', 4);
}

/** The bytes of one or more numbers of 64 bits, in one field. */
export function words64Of(field: Field): Uint8Array<ArrayBuffer> {
  return wordsOf(field, 'fixed64', 8);
}

function wordsOf(field: Field, wire: Field['wire'], width: number): Uint8Array<ArrayBuffer> {
  if (field.wire !== wire && field.wire !== 'bytes') throw mistyped(field);
  const bytes = field.value as Uint8Array<ArrayBuffer>;
  if (bytes.length % width !== 0) throw damaged(`field ${field.number} ends within a number`);
  return bytes;
}
