import type { Candidate, Episode } from '../../../protocol/episode.ts';
import type { ClientRequests, NextEdit, Params, Result } from '../../../protocol/rpc.ts';
import type { MirrorDocument } from '../../workspace/documents.ts';
import { editedLines, type LatestEdit } from '../../workspace/latestEdit.ts';
import { redactSecrets } from '../../workspace/redact.ts';
import { openDocument, type SuggestState, storedPrefix, storedSuffix, windowAround } from '../deps.ts';
import { sameFamily } from '../language.ts';
import { detectIndentUnit, rangeOf } from '../place.ts';
import { redactPlace } from '../redactPlace.ts';
import { Tracer } from '../trace.ts';
import { fromCursor, PlaceFinder } from './findPlaces.ts';
import { generalise } from './generalise.ts';
import { hunkOf } from './hunk.ts';
import { keyOf, type Pattern, type TextEdit } from './pattern.ts';
import { settled } from './settled.ts';

type NextEditParams = Params<ClientRequests, 'nextEdit'>;
type NextEditResult = Result<ClientRequests, 'nextEdit'>;
type AllNextEdits = Result<ClientRequests, 'allNextEdits'>;

/** Other open documents that are looked through. */
const mostDocuments = 20;
/** All together: 60 ms when none of them was read before, 15 ms after that (2 cores). */
const mostCharacters = 600_000;
const mostRemembered = 30;

/** One change of the user, offered at one place after the other. */
interface Chain {
  readonly pattern: Pattern;
  readonly key: string;
  readonly languageId: string;
  /** Which edit of which document began it. */
  readonly source: { readonly uri: string; readonly serial: number; readonly after: string };
  /** Offers made, by episode. */
  readonly offered: Map<string, Offered>;
}

interface Offered {
  readonly place: string;
  readonly edit: NextEdit;
}

interface Place extends TextEdit {
  readonly document: MirrorDocument;
}

/** Knows the change that is being repeated, and where it was turned down. */
export class NextEdits {
  readonly #state: SuggestState;
  readonly #finder = new PlaceFinder();
  /** The newest last. */
  readonly #chains: Chain[] = [];

  constructor(state: SuggestState) {
    this.#state = state;
  }

  /** The next place, and the episode of offering it; or none, and why. */
  next(params: NextEditParams): NextEditResult {
    const opened = openDocument(this.#state, params.uri, params.version);
    if (!opened.ok) return silent(opened.failure.message);
    const { options } = this.#state;
    const tracer = new Tracer({ clock: options.clock, kind: 'nextEdit', file: opened.document.file });
    const found =
      params.continues === undefined ? this.#begun(opened.document, params.offset) : this.#chainOf(params.continues);
    if (found.type === 'silent')
      return { ...silent(found.why), ...(found.askAgainMs === undefined ? {} : { askAgainMs: found.askAgainMs }) };
    const { chain } = found;
    tracer.step('change', chain.pattern.type);
    const places = this.#places(chain, opened.document, params.offset, params.open);
    tracer.step('places', `${places.length}`);
    const first = places.findIndex(isOpen);
    const place = places[first];
    if (!place) return silent('There is no place like it.');
    const remaining = places.length - first - 1;
    const standing = this.#standing(chain, place);
    if (standing) return { episodeId: standing[0], edit: standing[1].edit, remaining };
    const { episode, edit } = this.#offer(chain, place);
    tracer.answers.push(edit.text);
    options.traces.add(tracer.finish(`offered ${edit.candidateId}, ${remaining} more places`, episode.id));
    return { episodeId: episode.id, edit, remaining };
  }

  /** Every place left in the document for the change that `episodeId` offered, that offer among them. */
  all({ episodeId, uri, version }: Params<ClientRequests, 'allNextEdits'>): AllNextEdits {
    const opened = openDocument(this.#state, uri, version);
    const found = this.#chainOf(episodeId);
    if (!opened.ok || found.type === 'silent') return { offers: [] };
    const places = this.#places(found.chain, opened.document, 0, []);
    return {
      offers: places.filter(isOpen).map((place) => {
        const standing = this.#standing(found.chain, place);
        if (standing) return { episodeId: standing[0], edit: standing[1].edit };
        const { episode, edit } = this.#offer(found.chain, place);
        return { episodeId: episode.id, edit };
      }),
    };
  }

  forget(): void {
    this.#chains.length = 0;
    this.#finder.clear();
  }

  /** The chain of what was changed last, or why there is none. */
  #begun(document: MirrorDocument, cursor: number): Begun {
    const { options } = this.#state;
    const edit = options.documents.latestEdit(document.uri);
    if (!edit) return { type: 'silent', why: 'Nothing was changed at one place.' };
    const { before, after, start } = editedLines(document.text, edit);
    const hunk = hunkOf(before, after, document.languageId);
    if (!hunk) return { type: 'silent', why: 'Nothing but white space or comments was changed.' };
    const within = cursor >= start && cursor <= start + after.length ? cursor - start : null;
    const state = settled(hunk, within, options.clock.now() - edit.at);
    switch (state.type) {
      case 'unbalanced':
        return { type: 'silent', why: 'The change is not finished.' };
      case 'soon':
        return { type: 'silent', why: 'The change may not be finished.', askAgainMs: state.inMs };
      case 'settled':
        return this.#chainFrom(document, edit, { before, after, start });
    }
  }

  #chainFrom(
    document: MirrorDocument,
    edit: LatestEdit,
    lines: { readonly before: string; readonly after: string; readonly start: number },
  ): Begun {
    const { before, after, start } = lines;
    const { uri, languageId } = document;
    const known = this.#chains.find(
      ({ source }) => source.uri === uri && source.serial === edit.serial && source.after === after,
    );
    if (known) {
      // Turned down once, the change is not brought up again.
      const over = [...known.offered.keys()].some((id) => this.#fate(id) === 'refused');
      return over ? { type: 'silent', why: 'You turned this down.' } : { type: 'chain', chain: known };
    }
    const end = start + after.length;
    const tokens = this.#finder.tokens(document);
    if (tokens.some((token) => token.start < start && token.end > start && token.kind !== 'sign'))
      return { type: 'silent', why: 'It was changed inside a text or a comment.' };
    const isKnown = (name: string): boolean =>
      !this.#wasRename(name) &&
      tokens.some((token) => token.kind === 'word' && token.text === name && (token.start < start || token.end > end));
    const pattern = generalise({ before, after, languageId, isKnown });
    if (!pattern) return { type: 'silent', why: 'The change is too little, or too particular, to be made elsewhere.' };
    const chain = {
      pattern,
      key: keyOf(pattern),
      languageId,
      source: { uri, serial: edit.serial, after },
      offered: new Map<string, Offered>(),
    };
    this.#chains.push(chain);
    if (this.#chains.length > mostRemembered) this.#chains.shift();
    return { type: 'chain', chain };
  }

  /** The user gave this name a moment ago: that it stands elsewhere by now is no wonder. */
  #wasRename(name: string): boolean {
    return this.#chains.some(({ pattern }) => pattern.type === 'rename' && pattern.to === name);
  }

  #chainOf(episodeId: string): Begun {
    const chain = this.#chains.find(({ offered }) => offered.has(episodeId));
    return chain ? { type: 'chain', chain } : { type: 'silent', why: 'That change is not remembered any more.' };
  }

  /** Places that were not turned down: below the cursor, above it, then in the other open documents. */
  #places(chain: Chain, here: MirrorDocument, offset: number, open: readonly string[]): Place[] {
    const found: Place[] = [];
    const turnedDown = this.#turnedDown(chain.key);
    let characters = 0;
    for (const document of [here, ...this.#others(here, chain.languageId, open)]) {
      characters += document.text.length;
      if (characters > mostCharacters) break;
      const places = this.#finder.places(document, chain.pattern);
      const ordered = document === here ? fromCursor(places, offset) : places;
      for (const place of ordered) {
        const one = { ...place, document };
        if (turnedDown.size === 0 || !turnedDown.has(placeKey(one))) found.push(one);
      }
    }
    return found;
  }

  #others(here: MirrorDocument, languageId: string, open: readonly string[]): MirrorDocument[] {
    const { documents, rules } = this.#state.options;
    const others = open.flatMap((uri) => (uri === here.uri ? [] : (documents.get(uri) ?? [])));
    return others
      .filter(({ excluded, path, languageId: theirs }) => {
        if (excluded !== null || !sameFamily(theirs, languageId)) return false;
        return path === null || rules().excluded(path) === null;
      })
      .slice(0, mostDocuments);
  }

  /** Where this change was offered and not wanted, also when it was made at another place first. */
  #turnedDown(key: string): ReadonlySet<string> {
    const same = this.#chains.filter((chain) => chain.key === key).flatMap(({ offered }) => [...offered]);
    return new Set(same.filter(([id]) => this.#fate(id) === 'refused').map(([, { place }]) => place));
  }

  /** The offer of this very edit that is still on the screen. */
  #standing(chain: Chain, place: Place): readonly [string, Offered] | undefined {
    return [...chain.offered].find(([id, { edit }]) => {
      const same = edit.uri === place.document.uri && edit.start === place.start && edit.text === place.text;
      return same && edit.end === place.end && this.#fate(id) === 'open';
    });
  }

  #fate(episodeId: string): 'open' | 'refused' | 'over' {
    const events = this.#state.options.store.get(episodeId)?.events;
    if (!events) return 'over';
    if (events.some(({ type, reason }) => type === 'rejected' || type === 'reverted' || reason === 'timedOut'))
      return 'refused';
    return events.some(({ type }) => type === 'accepted' || type === 'ignored') ? 'over' : 'open';
  }

  #offer(chain: Chain, place: Place): { readonly episode: Episode; readonly edit: NextEdit } {
    const { options } = this.#state;
    const { document, start, end, text } = place;
    const episode = episodeOf(place, { id: options.ids(), at: options.clock.now(), candidateId: options.ids() });
    const candidateId = episode.candidates[0]!.id;
    options.store.addEpisode(episode);
    options.store.addEvents([
      { id: options.ids(), episodeId: episode.id, candidateId, at: episode.at, type: 'offered' },
    ]);
    const edit = { candidateId, uri: document.uri, start, end, before: document.text.slice(start, end), text };
    chain.offered.set(episode.id, { place: placeKey(place), edit });
    return { episode, edit };
  }
}

type Begun =
  | { readonly type: 'chain'; readonly chain: Chain }
  | { readonly type: 'silent'; readonly why: string; readonly askAgainMs?: number };

const silent = (silence: string): NextEditResult => ({ episodeId: null, edit: null, remaining: 0, silence });

/** The line and where in it: stays the same when lines are put in or taken out above. */
function placeKey({ document: { uri, text }, start, text: now }: Place): string {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', start);
  const line = text.slice(from, newline < 0 ? text.length : newline);
  const indent = line.length - line.trimStart().length;
  return JSON.stringify([uri, line.trim(), start - from - indent, now]);
}

/** Nothing secret is in it or around its edges: what is offered is never part of a secret. */
function isOpen(place: Place): boolean {
  const { document, start, end, text } = place;
  if (redactSecrets(document.text.slice(start, end) + text).count > 0) return false;
  return !redactPlace(around(place)).insideSecret;
}

function around({ document, start, end }: Place) {
  const { prefix, suffix } = windowAround(document.text, start, end);
  const before = document.text.slice(start, end);
  const { file, languageId } = document;
  return { languageId, file, prefix, before, suffix, indentUnit: detectIndentUnit(prefix, languageId) };
}

function episodeOf(
  place: Place,
  ids: { readonly id: string; readonly at: number; readonly candidateId: string },
): Episode {
  const redacted = redactPlace(around(place));
  const candidate: Candidate = { id: ids.candidateId, text: redactSecrets(place.text).text, model: 'pattern' };
  return {
    id: ids.id,
    at: ids.at,
    kind: 'nextEdit',
    file: redacted.file,
    languageId: redacted.languageId,
    range: rangeOf(place.document.text, place.start, place.end),
    instruction: '',
    prefix: storedPrefix(redacted.prefix),
    before: redactSecrets(redacted.before).text,
    suffix: storedSuffix(redacted.suffix),
    candidates: [candidate],
    offered: 0,
    // The pattern decides, nothing is drawn.
    propensity: 1,
    examples: [],
  };
}
