/** What of a prompt a simulated model goes by: the edits it is shown as kept, and what it is told to avoid. */
import type { Presence } from './styles.ts';
import { type Attribute, attributes } from './styles.ts';

/** Comments in the languages of the corpus. */
const ours = '// ';

export interface ReadPrompt {
  /** Number of the task that is to be done, as `markOf` wrote it; null: there is none. */
  readonly task: number | null;
  /** Code of the kept edits, as it stands behind the bars. */
  readonly examples: readonly string[];
  /** What the developer said about proposals like this one, in their words. */
  readonly notes: readonly string[];
}

/** The comment above the place: which task it is, and what is asked for. */
export const markOf = (task: number, instruction: string): string => `${ours}${task}: ${instruction}`;
const mark = /^\/\/ (\d+): /;

/** Reads a fill-in prompt of the product. The last mark is that of the place itself: examples bring theirs along. */
export function readPrompt(prompt: string): ReadPrompt {
  let task: number | null = null;
  const examples: string[][] = [];
  const notes: string[] = [];
  let reading: string[] | null = null;
  for (const line of prompt.split('\n')) {
    if (line.startsWith(`${ours}Kept edit in `)) {
      reading = [];
      examples.push(reading);
    } else if (line === `${ours}After:`) reading?.splice(0);
    else if (line.startsWith(`${ours}|`)) {
      const code = line.slice(`${ours}| `.length);
      if (!mark.test(code)) reading?.push(code);
    } else {
      const note = /^\/\/ (?:Note|Avoid): (.*)$/.exec(line)?.[1];
      if (note !== undefined) notes.push(note);
      else if (!/^\/\/ (?:Asked|Before):/.test(line)) reading = null;
      task = Number(mark.exec(line)?.[1] ?? task ?? Number.NaN);
    }
  }
  return {
    task: task === null || Number.isNaN(task) ? null : task,
    examples: examples.map((lines) => lines.join('\n')).filter((code) => code.trim() !== ''),
    notes,
  };
}

/** How a developer calls an attribute in a comment, and the model understands it. */
const words: Readonly<Record<Attribute, string>> = {
  docComment: 'doc comment',
  restatingComments: 'comments that restate the code',
  doubleQuotes: 'double quotes',
  abbreviatedNames: 'short names',
  constDeclarations: 'const',
  nullGuard: 'null guard',
  errorHandling: 'try and catch',
  logging: 'logging',
  earlyReturn: 'early return',
  intermediateVariables: 'variables for results',
  arrowFunction: 'arrow function',
};
/** What somebody says of a candidate they don't like. */
export const complaint = (attribute: Attribute, there: boolean): string =>
  there ? `no ${words[attribute]}` : `${words[attribute]} missing`;

/**
 * How strongly examples pull: at κ = 2 four examples of one kind move a habit of 45 % to 69 %, or to 23 %. A rule counts as
 * a half (research/learning.md, 5.1).
 */
export const influence = { examples: 2, rule: 1 } as const;

/**
 * How far a prompt moves the logit of each attribute: κ·(share of the examples that have it − ½), where some example could have it,
 * and ±κᵣ for each rule that names it.
 */
export function influenceOf(
  presences: readonly (readonly Presence[])[],
  notes: readonly string[],
): (attribute: Attribute) => number {
  const moved = attributes.map((attribute, index) => {
    const possible = presences.flatMap((presence) => presence[index] ?? []);
    const share = possible.filter((there) => there === 1).length / possible.length;
    const shown = possible.length === 0 ? 0 : influence.examples * (share - 0.5);
    const said = notes.reduce((sum, note) => {
      if (note.includes(complaint(attribute, true))) return sum - influence.rule;
      return note.includes(complaint(attribute, false)) ? sum + influence.rule : sum;
    }, 0);
    return shown + said;
  });
  return (attribute) => moved[attributes.indexOf(attribute)]!;
}
