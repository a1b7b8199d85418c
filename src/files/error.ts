/** A file that is not what it should be. The message is one sentence: what is wrong with it, and what to do. */
export class FileError extends RangeError {
  override readonly name = 'FileError';
}
