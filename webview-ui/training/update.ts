/** One action of the user, or one message of the host, applied to the view's state. */
import { type TrainingState, trainLayers, type VersionRow } from '../../src/protocol/training.ts';
import type { TrainingStep } from '../../src/protocol/trainingPanel.ts';
import { withEntry, withMember } from '../collections.ts';
import { withScalars } from './curves.ts';
import type { Action, Announcement, Step, ViewState } from './state.ts';

/** Pure: the new state, what to send to the host, and where the focus should go. */
export function update(state: ViewState, action: Action): Step {
  switch (action.type) {
    case 'host':
      return heard(state, action.message);
    case 'steps':
      return { state: stepped(state, action.steps), send: [] };
    case 'select':
      return withRun({ ...state, selected: action.id, other: state.other === action.id ? null : state.other });
    case 'compare':
      return withRun({ ...state, other: action.id });
    case 'layer':
      return { state: { ...state, layers: withMember(state.layers, action.layer, action.chosen) }, send: [] };
    case 'toggle': {
      const toggled = withMember(state.toggled, action.part, !state.toggled.has(action.part));
      return { state: { ...state, toggled }, send: [] };
    }
    case 'train':
      return train(state, action.dryRun, action.resume);
    case 'cancel':
      return { state: { ...state, cancelling: true }, send: [{ type: 'cancel' }] };
    case 'askDiscard':
      return { state: { ...state, confirmingDiscard: true }, send: [], focus: 'discard-now' };
    case 'keepUnfinished':
      return { state: { ...state, confirmingDiscard: false }, send: [], focus: 'discard-ask' };
    case 'discard':
      return { state: { ...state, confirmingDiscard: false, failed: null }, send: [{ type: 'discard' }] };
    case 'loadRun':
      return { state: loading(state, [action.id]), send: [{ type: 'run', id: action.id }] };
    case 'dismiss':
      return { state: { ...state, failed: null }, send: [] };
    case 'post':
      return { state: { ...state, failed: null }, send: [action.message] };
  }
}

function heard(state: ViewState, message: Extract<Action, { type: 'host' }>['message']): Step {
  switch (message.type) {
    case 'state':
      return told(state, message.state);
    case 'problem':
      return { state: { ...state, problem: message.problem }, send: [] };
    case 'run': {
      const { run } = message;
      return { state: { ...state, runs: withEntry(state.runs, run.id, { type: 'ready', run }) }, send: [] };
    }
    case 'failed': {
      const { message: text, nextStep } = message;
      // It does not say what failed: a run that is still awaited won't come.
      const runs = new Map(state.runs);
      for (const [id, run] of runs) if (run.type === 'loading') runs.set(id, { type: 'failed' });
      return { state: { ...state, runs, failed: { message: text, nextStep }, cancelling: false }, send: [] };
    }
  }
}

function told(state: ViewState, training: TrainingState): Step {
  const before = state.training;
  const { versions, running } = training;
  const known = new Set(versions.map(({ id }) => id));
  const fresh = before ? versions.filter(({ id }) => !before.versions.some((old) => old.id === id)) : [];
  const ended = before !== null && before.running !== null && running === null;
  const kept = state.selected !== null && known.has(state.selected) ? state.selected : null;
  const next: ViewState = {
    ...state,
    training,
    selected: (ended ? bestOf(fresh) : null) ?? kept ?? bestOf(versions),
    other: state.other !== null && known.has(state.other) ? state.other : null,
    runs: new Map([...state.runs].filter(([id]) => known.has(id))),
    step: running ? state.step : null,
    curves: curvesFor(state, running?.requestId ?? null),
    cancelling: running !== null && state.cancelling,
    confirmingDiscard: training.unfinished !== null && state.confirmingDiscard,
  };
  const news = before ? newsOf(before, training, fresh, ended) : null;
  return withRun(news ? announced(next, news) : next);
}

/** What asks for a decision first, then what serves, then the newest. */
function bestOf(versions: readonly VersionRow[]): string | null {
  const best =
    versions.find(({ state }) => state === 'candidate') ?? versions.find(({ serving }) => serving) ?? versions[0];
  return best?.id ?? null;
}

function curvesFor(state: ViewState, requestId: string | null): ViewState['curves'] {
  if (requestId === state.curves.requestId) return state.curves;
  // Steps may overtake the state that tells of their training: what came without a name is this one's.
  const points = state.curves.requestId === null && requestId !== null ? state.curves.points : new Map();
  return { requestId, points };
}

function newsOf(
  before: TrainingState,
  now: TrainingState,
  fresh: readonly VersionRow[],
  ended: boolean,
): Announcement | null {
  if (ended && fresh.length > 0) return { type: 'finished', ids: fresh.map(({ id }) => id) };
  if (ended) return { type: now.unfinished ? 'stopped' : 'over' };
  for (const layer of trainLayers) {
    const serving = servingOf(now, layer);
    if (serving !== servingOf(before, layer)) return { type: 'serving', layer, id: serving };
  }
  return null;
}

const servingOf = ({ versions }: TrainingState, layer: VersionRow['layer']): string | null =>
  versions.find((row) => row.layer === layer && row.serving)?.id ?? null;

function announced(state: ViewState, what: Announcement): ViewState {
  return { ...state, announcement: { serial: (state.announcement?.serial ?? 0) + 1, what } };
}

function stepped(state: ViewState, steps: readonly TrainingStep[]): ViewState {
  const last = steps.at(-1);
  if (!last) return state;
  // Before the first state the curves of before a reload may be another training's.
  const { requestId, points } = state.training ? state.curves : { requestId: null, points: new Map() };
  const next = { ...state, step: last, curves: { requestId, points: withScalars(points, steps) } };
  return last.stage === state.step?.stage ? next : announced(next, { type: 'stage', stage: last.stage });
}

function train(state: ViewState, dryRun: boolean, resume: boolean): Step {
  const layers = trainLayers.filter((layer) => resume || state.layers.has(layer));
  if (layers.length === 0) return { state, send: [] };
  return { state: { ...state, failed: null }, send: [{ type: 'train', layers, dryRun, resume }] };
}

/** Asks for the runs that are shown and not there. */
function withRun(state: ViewState): Step {
  const wanted = [state.selected, state.other].filter((id) => id !== null && !state.runs.has(id)) as string[];
  if (wanted.length === 0) return { state, send: [] };
  return { state: loading(state, wanted), send: wanted.map((id) => ({ type: 'run', id })) };
}

function loading(state: ViewState, ids: readonly string[]): ViewState {
  const runs = new Map(state.runs);
  for (const id of ids) runs.set(id, { type: 'loading' });
  return { ...state, runs };
}
