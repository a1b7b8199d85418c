/** Who says what a mark behind a link names: `gru.ts#step` is the function `step` of that file. */

/** The ways in which a function or a constant is declared, in TypeScript and in WGSL. */
const declares = (name: string) =>
  new RegExp(`^\\s*(?:(?:export |async )*(?:function|const) ${name}\\b|fn ${name}\\(|${name}\\([^()]*\\): )`);

/**
 * The text of a declaration: its line, and all that follows which is indented deeper or begins with a closing bracket.
 *
 * @returns one for each place where a file declares that name
 */
export function declarationsOf(source: string, name: string): string[] {
  const lines = source.split('\n');
  const indentation = (line: string) => line.search(/\S|$/);
  const pattern = declares(name);
  return lines.flatMap((line, first) => {
    if (!pattern.test(line)) return [];
    const ends = lines.slice(first + 1).findIndex((next) => {
      const closes = /^\s*[)}\]]/.test(next);
      return next !== '' && (closes ? indentation(next) < indentation(line) : indentation(next) <= indentation(line));
    });
    return [lines.slice(first, ends < 0 ? undefined : first + 1 + ends).join('\n')];
  });
}
