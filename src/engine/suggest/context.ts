import { placeText } from '../memory/placeText.ts';
import type { StoredEpisode } from '../memory/store.ts';
import type { MirrorDocument } from '../workspace/documents.ts';
import type { RecentEdit } from '../workspace/recentEdits.ts';
import { type Source, withDeadline } from './deadline.ts';
import type { SuggestState } from './deps.ts';
import { type Example, imitable, type Refusal, refused, sortFound } from './examples.ts';
import { sameFamily } from './language.ts';
import type { Snippet } from './openFiles.ts';
import { squash, toLf } from './place.ts';
import type { PromptContext } from './prompt.ts';
import type { RedactedPlace } from './redactPlace.ts';
import type { Tracer } from './trace.ts';

/** No source may hold up a suggestion longer than this, as in Continue. */
export const sourceDeadlineMs = 100;

const mostRecentEdits = 6;
const mostSnippets = 4;
/** Lines around the cursor whose names decide what is relevant. */
const nearbyCharacters = 2500;
/** Retrieval also brings what was refused, and more examples than a prompt holds: they vote. */
const foundPerExample = 4;
/**
 * For a prompt, from which a model takes how things are written, it brings as many of the newest: where a taste has turned, those most
 * alike are from before.
 */
const latestPerExample = 4;

export interface Gathering {
  readonly document: MirrorDocument;
  readonly place: RedactedPlace;
  readonly instruction: string;
  /** A model that reads no prompt needs no other files. */
  readonly wide: boolean;
  /** False: as if nothing were remembered. */
  readonly remember: boolean;
}

export interface Remembered {
  readonly examples: readonly Example[];
  readonly refusals: readonly Refusal[];
}

/** Asks all sources at once; each has its own deadline and its own line in the trace. */
export async function gatherContext(
  state: SuggestState,
  gathering: Gathering,
  tracer: Tracer,
  signal: AbortSignal,
): Promise<PromptContext> {
  const { place, wide } = gathering;
  const { clock } = state.options;
  const ask = async <T>(source: Source<T>): Promise<T> => {
    const { value, ms, note } = await withDeadline(source, {
      deadlineMs: sourceDeadlineMs,
      clock,
      timer: state.timer,
      signal,
    });
    tracer.timed(source.name, ms, note);
    return value;
  };
  const [remembered, recentEdits, snippets] = await Promise.all([
    ask(memorySource(state, gathering)),
    wide ? ask(recentEditsSource(state, gathering)) : [],
    wide ? ask(openFilesSource(state, gathering)) : [],
  ]);
  const { languageId, file, prefix, before, suffix } = place;
  return { languageId, file, prefix, before, suffix, recentEdits, snippets, ...remembered };
}

/** What an entry is worth doesn't change: when something happens to its episode there is another entry. */
const judged = new WeakMap<StoredEpisode, boolean>();

/** To imitate, or to avoid. */
function telling(entry: StoredEpisode): boolean {
  const known = judged.get(entry);
  if (known !== undefined) return known;
  const tells = imitable(entry) !== null || refused(entry);
  judged.set(entry, tells);
  return tells;
}

function memorySource(state: SuggestState, { place, instruction, remember, wide }: Gathering): Source<Remembered> {
  const most = remember ? state.config.examples : 0;
  return {
    name: 'memory',
    empty: { examples: [], refusals: most === 0 ? [] : state.watch.refusals(place.file) },
    describe: ({ examples, refusals }) => `${examples.length} examples, ${refusals.length} refusals`,
    async gather(signal) {
      if (most === 0) return { examples: [], refusals: [] };
      const { languageId, file, prefix, before, suffix } = place;
      const text = placeText({ instruction, prefix, before, suffix, languageId, file });
      const k = Math.max(12, most * foundPerExample);
      const latest = wide ? most * latestPerExample : 0;
      const query = { text, languageId, file, k, latest, accept: telling };
      const found = await state.options.retriever.search(query, signal);
      const forbidden = state.watch.forbiddenTexts();
      const sorted = sortFound(found, { most: most * foundPerExample + latest, forbidden });
      return { examples: sorted.examples, refusals: [...sorted.refusals, ...state.watch.refusals(file)] };
    },
  };
}

function recentEditsSource(state: SuggestState, { place }: Gathering): Source<RecentEdit[]> {
  return {
    name: 'recent edits',
    empty: [],
    describe: (edits) => `${edits.length} edits`,
    gather() {
      const here = squash(place.prefix.slice(-nearbyCharacters) + place.suffix.slice(0, nearbyCharacters));
      return (
        state.options.documents
          .recentEdits(state.options.clock.now(), mostRecentEdits * 2)
          .filter((edit) => sameFamily(edit.languageId, place.languageId))
          .map((edit) => ({
            ...edit,
            before: state.redactOnce.of(toLf(edit.before)),
            after: state.redactOnce.of(toLf(edit.after)),
          }))
          // What was only added nearby stands in the prompt anyway.
          .filter(
            (edit) => !(edit.file === place.file && squash(edit.before) === '' && here.includes(squash(edit.after))),
          )
          .slice(0, mostRecentEdits)
      );
    },
  };
}

function openFilesSource(state: SuggestState, { document, place }: Gathering): Source<Snippet[]> {
  return {
    name: 'open files',
    empty: [],
    describe: (snippets) => `${snippets.length} blocks`,
    gather() {
      const nearby = place.prefix.slice(-nearbyCharacters) + place.before + place.suffix.slice(0, nearbyCharacters / 2);
      return state.openFiles
        .relevant(document, nearby, state.options.documents.all(), mostSnippets)
        .map((snippet) => ({ ...snippet, text: state.redactOnce.of(snippet.text) }));
    },
  };
}
