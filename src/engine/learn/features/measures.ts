/** What can be counted in a piece of code, in any language, in one pass over its lines. */
export interface Measures {
  readonly characters: number;
  readonly lines: number;
  /** Share of the lines that are comments. */
  readonly comments: number;
  /** Places where control leaves: return, throw, raise, break, continue. */
  readonly exits: number;
  /** Mean steps of indentation of the lines that hold something, from the least indented one on. */
  readonly depth: number;
  /** Characters of the longest line. */
  readonly width: number;
  /** Share of the names of several parts that are joined by underscores. */
  readonly underscores: number;
}

const none: Measures = { characters: 0, lines: 0, comments: 0, exits: 0, depth: 0, width: 0, underscores: 0 };

export function measure(text: string): Measures {
  const lines = text.split('\n').filter((line) => /\S/.test(line));
  if (lines.length === 0) return none;
  const indents = lines.map((line) => /^[ \t]*/.exec(line)![0].replaceAll('\t', '    ').length);
  const least = Math.min(...indents);
  const steps = indents.map((indent) => indent - least).filter((indent) => indent > 0);
  const step = steps.length === 0 ? 1 : Math.min(...steps);
  const snake = text.match(/[\p{L}\p{N}]_[\p{L}\p{N}]/gu)?.length ?? 0;
  const camel = text.match(/\p{Ll}\p{Lu}/gu)?.length ?? 0;
  return {
    characters: text.replace(/\s+/g, '').length,
    lines: lines.length,
    comments:
      lines.filter((line) => /^\s*(?:\/\/|#(?!include|define|\[)|\/?\*|--|"""|''')/.test(line)).length / lines.length,
    exits: text.match(/\b(?:return|throw|raise|break|continue)\b/g)?.length ?? 0,
    depth: indents.reduce((sum, indent) => sum + (indent - least) / step, 0) / lines.length,
    width: Math.max(...lines.map((line) => line.trimEnd().length)),
    underscores: snake + camel === 0 ? 0 : snake / (snake + camel),
  };
}
