/** The order in which the filters look at an answer. Each drop carries the filter's name, for the episode and the trace. */
import { type Place, toLf } from '../place.ts';
import { brackets } from './brackets.ts';
import { codeFence } from './codeFence.ts';
import { duplicateClosing } from './duplicateClosing.ts';
import { duplicatesNextLine } from './duplicatesNextLine.ts';
import { echoesSurroundings } from './echoesSurroundings.ts';
import { editIndentation } from './editIndentation.ts';
import type { Filter } from './filter.ts';
import { finalNewline } from './finalNewline.ts';
import { firstLine } from './firstLine.ts';
import { importOnly } from './importOnly.ts';
import { indentation } from './indentation.ts';
import { leadingSpace } from './leadingSpace.ts';
import { contains, midLine } from './midLine.ts';
import { partialWord } from './partialWord.ts';
import { quotes } from './quotes.ts';
import { reachesNextLine } from './reachesNextLine.ts';
import { repetition } from './repetition.ts';
import { rewritesLineAbove } from './rewritesLineAbove.ts';
import { scopeLimit } from './scopeLimit.ts';
import { secretsInAnswer } from './secretsInAnswer.ts';
import { suffixOverlap } from './suffixOverlap.ts';
import { tooShort } from './tooShort.ts';
import { trailingWhitespace } from './trailingWhitespace.ts';
import { unchanged } from './unchanged.ts';
import { undoesRecentEdit } from './undoesRecentEdit.ts';
import { whitespaceOnly } from './whitespaceOnly.ts';

export type Filtered =
  | {
      readonly kept: true;
      readonly text: string;
      /** The part of the document the text takes the place of: the rest of the line, or for inline mostly nothing. */
      readonly replaces: string;
    }
  | { readonly kept: false; readonly droppedBy: string };

type Named = Readonly<Record<string, Filter>>;

/** On the answer as it came: its own form, then its first line against the lines around it. */
const beforeMidLine: Named = {
  codeFence,
  leadingSpace,
  whitespaceOnly,
  firstLine,
  indentation,
  partialWord,
  duplicatesNextLine,
  rewritesLineAbove,
  scopeLimit,
  repetition,
};

/** Once it is known what the answer replaces: how it meets what stands after it, and whether enough is left. */
const afterMidLine: Named = {
  suffixOverlap,
  reachesNextLine,
  quotes,
  duplicateClosing,
  brackets,
  importOnly,
  trailingWhitespace,
  empty: whitespaceOnly,
  tooShort,
  undoesRecentEdit,
  secretsInAnswer,
};

const editFilters: Named = {
  codeFence,
  echoesSurroundings,
  editIndentation,
  repetition,
  finalNewline,
  unchanged,
  secretsInAnswer,
};

/** Cleans an answer for ghost text at `place`. */
export function filterInline(answer: string, place: Place): Filtered {
  const first = run(toLf(answer), place, beforeMidLine);
  if (!first.kept) return first;
  const placed = midLine(first.text, place);
  if (placed === null) return { kept: false, droppedBy: 'midLine' };
  const last = run(placed.text, placed.place, afterMidLine);
  if (!last.kept) return last;
  const text = last.text + placed.tail;
  // A later filter may have cut off what was to be replaced.
  return contains(text, placed.replaces)
    ? { kept: true, text, replaces: placed.replaces }
    : { kept: false, droppedBy: 'midLine' };
}

/** Cleans an answer that replaces `place.before`. An empty fence is a deletion; no answer at all is none. */
export function filterEdit(answer: string, place: Place): Filtered {
  if (answer.trim() === '') return { kept: false, droppedBy: 'whitespaceOnly' };
  return run(toLf(answer), place, editFilters);
}

function run(answer: string, place: Place, filters: Named): Filtered {
  let text = answer;
  for (const [name, filter] of Object.entries(filters)) {
    const left = filter(text, place);
    if (left === null) return { kept: false, droppedBy: name };
    text = left;
  }
  return { kept: true, text, replaces: place.before };
}
