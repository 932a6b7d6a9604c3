import type { Filter } from './filter.ts';

const fenceLine = /^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.-]*)[ \t]*$/;
const chatter =
  /^\s*(sure|certainly|of course|okay|ok|here('|’)?s|here (is|are)|below is|the (updated|completed|corrected|following))\b[^\n]*[:!.]\s*$/i;
/** Languages where a fence or a lone backtick can be the code itself. */
const usesBackticks =
  /^(markdown|mdx|shellscript|javascript|typescript|javascriptreact|typescriptreact|vue|svelte|go|sql)$/;

/**
 * Takes code out of what a chat model wraps it in: a fence, a polite sentence, a pair of backticks. In Markdown only a
 * fence around the whole answer counts, since fences are its content.
 */
export const codeFence: Filter = (text, place) => {
  const markdown = place.languageId === 'markdown' || place.languageId === 'mdx';
  const code = unwrap(text, markdown) ?? text;
  const single = /^\s*`([^`\n]+)`\s*$/.exec(code);
  return single && !usesBackticks.test(place.languageId) ? single[1]! : code;
};

/** What stands inside the outermost fence; null when there is none. */
function unwrap(text: string, markdown: boolean): string | null {
  const lines = text.split('\n');
  const open = lines.findIndex((line) => fenceLine.test(line));
  if (open === -1) return withoutChatter(lines);
  const above = lines.slice(0, open).filter((line) => line.trim() !== '');
  // In prose a fence that says what it holds is the content; around prose it says nothing, or that it is prose.
  if (markdown && !/^(|md|markdown|mdx|text)$/i.test(fenceLine.exec(lines[open]!)![2]!)) return null;
  const wrapped = above.length === 0 || above.every((line) => chatter.test(line) || isSentence(line));
  const marker = fenceLine.exec(lines[open]!)![1]!;
  const close = findClose(lines, open, marker, markdown);
  if (wrapped) {
    if (markdown && close !== -1 && lines.slice(close + 1).some((line) => line.trim() !== '')) return null;
    return lines.slice(open + 1, close === -1 ? lines.length : close).join('\n');
  }
  // Code first, then a fence: the model closed a fence that was never in the answer and went on talking.
  if (markdown) return null;
  return lines.slice(0, open).join('\n');
}

function findClose(lines: readonly string[], open: number, marker: string, last: boolean): number {
  const closes = (line: string) => {
    const match = fenceLine.exec(line);
    return match !== null && match[2] === '' && match[1]![0] === marker[0] && match[1]!.length >= marker.length;
  };
  if (last) return lines.findLastIndex((line, at) => at > open && closes(line));
  return lines.findIndex((line, at) => at > open && closes(line));
}

const isSentence = (line: string): boolean => /^[A-Z][^{}();=<>]*[:.!]$/.test(line.trim());

function withoutChatter(lines: readonly string[]): string | null {
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first === -1 || !chatter.test(lines[first]!) || lines.length === first + 1) return null;
  return lines.slice(first + 1).join('\n');
}

/** What can be shown of a fenced answer while it streams: the code so far, without the fence. */
export function openFence(text: string): string {
  const lines = text.split('\n');
  const open = lines.findIndex((line) => fenceLine.test(line));
  if (open === -1) {
    // Until a whole line has come, nobody knows whether it is code, a fence or a polite sentence.
    const first = lines.slice(0, -1).find((line) => line.trim() !== '');
    return first === undefined || chatter.test(first) || isSentence(first) ? '' : text;
  }
  const marker = fenceLine.exec(lines[open]!)![1]!;
  const close = findClose(lines, open, marker, false);
  const body = lines.slice(open + 1, close === -1 ? lines.length : close);
  // The closing fence may be half written.
  if (close === -1 && /^[ \t]*[`~]+$/.test(body.at(-1) ?? '')) body.pop();
  return body.join('\n');
}
