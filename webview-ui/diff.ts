import { diffArrays, diffWordsWithSpace } from 'diff';
import type { EpisodeCard } from '../src/protocol/episode.ts';
import { pairLines } from './diffPairs.ts';

/** A stretch of a line; `changed` is highlighted inside its line. */
export interface DiffPart {
  readonly text: string;
  readonly changed: boolean;
}
export type DiffRow =
  | { readonly kind: 'same' | 'added' | 'removed'; readonly parts: readonly DiffPart[] }
  /** A run of unchanged lines that is not shown. */
  | { readonly kind: 'gap'; readonly lines: number };

/** Unchanged lines kept around a change. */
const contextLines = 1;
/** Edit distance, in lines, past which a minimal diff costs more than it tells; then all old lines go, all new ones come. */
const maxEditLength = 1500;
/** Longer lines are not compared word by word. */
const maxWordLine = 1000;

/** The candidate a card is about: the one it happened to, else the one offered first. */
export function shownCandidate(card: EpisodeCard): {
  readonly text: string;
  readonly model: string;
  readonly index: number;
} {
  const { candidates, offered } = card.episode;
  const happened = candidates.findIndex((candidate) => candidate.id === card.outcome.candidateId);
  const index = happened >= 0 ? happened : (offered ?? 0);
  const candidate = candidates[index];
  return { text: candidate?.text ?? card.episode.before, model: candidate?.model ?? '', index };
}

/**
 * Before and after as whole lines: a range that starts or ends inside a line is completed from the text around it, and
 * one line of surroundings is added on either side, so that an insertion of half a line still reads as code.
 */
export function wholeLines(
  card: EpisodeCard,
  after: string = shownCandidate(card).text,
): { readonly before: string; readonly after: string } {
  const { prefix, suffix, before } = card.episode;
  const headStart = prefix.lastIndexOf('\n', prefix.lastIndexOf('\n') - 1) + 1;
  const lineEnd = suffix.indexOf('\n');
  const nextEnd = lineEnd < 0 ? -1 : suffix.indexOf('\n', lineEnd + 1);
  const head = prefix.slice(prefix.includes('\n') ? headStart : 0);
  const tail = nextEnd >= 0 ? suffix.slice(0, nextEnd) : suffix;
  return { before: head + before + tail, after: head + after + tail };
}

/** What an example shows the model: the correction where there is one, since that is what was wanted. */
export function exampleText(card: EpisodeCard): string {
  return card.rating?.correction ?? shownCandidate(card).text;
}

/** Line by line, with changed words marked where a removed and an added line are versions of each other. */
export function diffRows(before: string, after: string): readonly DiffRow[] {
  const [oldLines, newLines] = dedent(splitLines(before), splitLines(after));
  const changes =
    diffArrays(oldLines, newLines, { maxEditLength }) ??
    ([
      { value: oldLines, removed: true, added: false },
      { value: newLines, removed: false, added: true },
    ] as const);
  const rows: DiffRow[] = [];
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i]!;
    const next = changes[i + 1];
    if (change.removed && next?.added) {
      rows.push(...changedBlock(change.value, next.value));
      i++;
    } else if (change.removed) rows.push(...change.value.map((line) => plain('removed', line)));
    else if (change.added) rows.push(...change.value.map((line) => plain('added', line)));
    else rows.push(...change.value.map((line) => plain('same', line)));
  }
  return collapse(rows);
}

/** The first rows, at most `max` of them; a fold of one row saves nothing and is not made. */
export function fold(rows: readonly DiffRow[], max: number): readonly DiffRow[] {
  return rows.length <= max + 1 ? rows : rows.slice(0, max);
}

/** Only what changes, without the indentation that was common to it: for a card that is not selected. */
export function changesOnly(rows: readonly DiffRow[]): readonly DiffRow[] {
  const changes = rows.flatMap((row) => (row.kind === 'added' || row.kind === 'removed' ? [row] : []));
  const common = commonIndent(changes.map((row) => row.parts.map((part) => part.text).join(''))).length;
  return changes.map((row) => {
    const [first, ...rest] = row.parts;
    // A highlighted indentation is itself the change: it stays.
    return first && !first.changed ? { ...row, parts: [unmarked(first.text.slice(common)), ...rest] } : row;
  });
}

function splitLines(text: string): string[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  while (lines.length > 1 && lines.at(-1)!.trim() === '') lines.pop();
  return text === '' ? [] : lines;
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)![0];

/** Takes off the indentation that all lines share: a side bar is narrow. */
function dedent(a: readonly string[], b: readonly string[]): [string[], string[]] {
  const common = commonIndent([...a, ...b]).length;
  const cut = (line: string): string => (line.trim() === '' ? '' : line.slice(common));
  return [a.map(cut), b.map(cut)];
}

function commonIndent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map(indentOf);
  let common = indents[0] ?? '';
  for (const indent of indents) while (!indent.startsWith(common)) common = common.slice(0, -1);
  return common;
}

const plain = (kind: 'same' | 'added' | 'removed', text: string): DiffRow => ({ kind, parts: [unmarked(text)] });

/** Removed lines first, then added ones, as every unified diff has it; versions of one line are compared by words. */
function changedBlock(allRemoved: readonly string[], added: readonly string[]): readonly DiffRow[] {
  // Text put on an empty line adds it; that the emptiness is gone is no news.
  const removed = allRemoved.filter((line) => line.trim() !== '');
  const pairs = pairLines(removed, added);
  const old = removed.map((line) => plain('removed', line));
  const fresh = added.map((line) => plain('added', line));
  pairs.forEach((j, i) => {
    if (j < 0 || removed[i]!.length > maxWordLine || added[j]!.length > maxWordLine) return;
    const words = diffWordsWithSpace(removed[i]!, added[j]!);
    const side = (other: 'added' | 'removed', own: 'added' | 'removed'): readonly DiffPart[] =>
      words.filter((word) => !word[other]).flatMap((word) => (word[own] ? marked(word.value) : [unmarked(word.value)]));
    old[i] = { kind: 'removed', parts: side('added', 'removed') };
    fresh[j] = { kind: 'added', parts: side('removed', 'added') };
  });
  return [...old, ...fresh];
}

const unmarked = (text: string): DiffPart => ({ text, changed: false });

/** The spaces around changed words are not highlighted, unless they are all that changed. */
function marked(text: string): readonly DiffPart[] {
  const core = text.trim();
  if (core === '') return [{ text, changed: true }];
  const start = text.indexOf(core);
  const parts = [
    unmarked(text.slice(0, start)),
    { text: core, changed: true },
    unmarked(text.slice(start + core.length)),
  ];
  return parts.filter((part) => part.text !== '');
}

/** Unchanged runs shrink to the context next to a change; a single hidden line is shown instead. */
function collapse(rows: readonly DiffRow[]): readonly DiffRow[] {
  const isChange = (row: DiffRow | undefined): boolean => row?.kind === 'added' || row?.kind === 'removed';
  const near = rows.map((_, i) => rows.slice(Math.max(0, i - contextLines), i + contextLines + 1).some(isChange));
  const kept: DiffRow[] = [];
  for (let i = 0; i < rows.length; ) {
    if (near[i]) {
      kept.push(rows[i++]!);
      continue;
    }
    let end = i;
    while (end < rows.length && !near[end]) end++;
    // What is left out before the first and after the last change need not be told.
    const inside = i > 0 && end < rows.length;
    if (inside && end - i === 1) kept.push(rows[i]!);
    else if (inside) kept.push({ kind: 'gap', lines: end - i });
    i = end;
  }
  return kept;
}
