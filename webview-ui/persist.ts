/** What survives hiding and reloading the view: drafts, the search, the selection and what is folded open. */
import * as v from 'valibot';
import { Id } from '../src/protocol/episode.ts';
import { PanelFilter, PanelOrder, RatingDraft } from '../src/protocol/webview.ts';
import { initialState, type PanelState } from './state.ts';

const Ids = v.array(Id);
const Persisted = v.object({
  query: v.pipe(v.string(), v.maxLength(1000)),
  filter: PanelFilter,
  order: PanelOrder,
  selected: v.nullable(Id),
  drafts: v.array(v.tuple([Id, v.partial(RatingDraft)])),
  open: v.object({ why: Ids, wanted: Ids, diff: Ids }),
});
export type Persisted = v.InferOutput<typeof Persisted>;

/** Drafts of so many cards are kept, the latest touched ones. */
const maxDrafts = 100;

/** A plain value for `setState`. */
export function persisted(state: PanelState): Persisted {
  return {
    query: state.query,
    filter: state.filter,
    order: state.order,
    selected: state.selected,
    drafts: [...state.drafts].slice(-maxDrafts),
    open: { why: [...state.open.why], wanted: [...state.open.wanted], diff: [...state.open.diff] },
  };
}

/** The state to begin with; anything that is not what `persisted` wrote (an older version) begins afresh. */
export function restored(value: unknown): PanelState {
  const parsed = v.safeParse(Persisted, value);
  if (!parsed.success) return initialState;
  const { query, filter, order, selected, drafts, open } = parsed.output;
  return {
    ...initialState,
    query,
    filter,
    order,
    selected,
    drafts: new Map(drafts),
    // Examples are not kept: their section is opened, and asked for, again.
    open: { why: new Set(), wanted: new Set(open.wanted), diff: new Set(open.diff) },
  };
}
