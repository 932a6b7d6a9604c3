import { structuredPatch } from 'diff';

/** Whether the replaced code ends with a line break is no difference worth showing. */
const whole = (text: string): string => (text === '' || text.endsWith('\n') ? text : text + '\n');
const hunksOf = (before: string, after: string, context: number) =>
  structuredPatch('', '', whole(before), whole(after), '', '', { context }).hunks;

/** Zero-based lines of `before` that `after` takes away or changes. */
export function removedLines(before: string, after: string): number[] {
  const lines: number[] = [];
  for (const hunk of hunksOf(before, after, 0)) {
    let line = hunk.oldStart - 1;
    for (const text of hunk.lines) {
      if (text.startsWith('-')) lines.push(line);
      if (!text.startsWith('+')) line += 1;
    }
  }
  return lines;
}

/** A fenced block that nothing inside can close. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** The change as a unified diff in Markdown, without file headers; three lines of context. */
export function diffMarkdown(before: string, after: string): string {
  const hunks = hunksOf(before, after, 3);
  if (hunks.length === 0) return '';
  const lines = hunks.flatMap((hunk, index) => [...(index === 0 ? [] : ['…']), ...hunk.lines]);
  return fenced(lines.join('\n'), 'diff');
}

/** How many lines come and go, for labels and screen readers. */
export function changeSize(before: string, after: string): { added: number; removed: number } {
  let added = 0;
  let removed = 0;
  for (const hunk of hunksOf(before, after, 0)) {
    for (const line of hunk.lines) {
      if (line.startsWith('+')) added += 1;
      else if (line.startsWith('-')) removed += 1;
    }
  }
  return { added, removed };
}
