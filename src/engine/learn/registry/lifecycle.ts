/**
 * What becomes of trained versions, as a pure function of the former state and one step:
 *
 *   candidate ──promote──▶ active ──a successor is promoted──▶ retired ──its successor is rolled back──▶ active
 *       │                    │                                    │
 *       └──reject──▶ rejected ◀──rolled back, switched off, damaged──┘        any but rejected ──its data changed──▶ stale
 *
 * Of each kind one version serves, or none. One that serves and becomes stale goes on serving until another takes its place:
 * a changed rating is a reason to train again, not to fall back to nothing.
 */

export const versionKinds = ['rewardModel', 'selector', 'policy'] as const;
export type VersionKind = (typeof versionKinds)[number];

/** Where each state may lead; a move that is not listed does not compile. */
const moves = {
  candidate: ['active', 'rejected', 'stale'],
  active: ['retired', 'rejected', 'stale'],
  retired: ['active', 'rejected', 'stale'],
  stale: ['rejected'],
  rejected: [],
} as const;
export type VersionState = keyof typeof moves;
export const versionStates = Object.keys(moves) as readonly VersionState[];
export type NextState<S extends VersionState> = (typeof moves)[S][number];

export interface StateChange {
  readonly state: VersionState;
  /** For a person to read. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface VersionEntry<S extends VersionState = VersionState> {
  readonly id: string;
  readonly kind: VersionKind;
  /** What served when its training began, and what a rollback leads to; null: nothing did. */
  readonly parent: string | null;
  /** Other versions it was trained with (the selector's reward model): it becomes stale with them. */
  readonly dependsOn: readonly string[];
  readonly state: S;
  /** Of all states, the present one last. */
  readonly history: readonly StateChange[];
  /** `removed`: only what is told of it is left. */
  readonly files: 'kept' | 'removed';
}

export type Serving = Readonly<Record<VersionKind, string | null>>;

export interface Lifecycle {
  /** In the order in which they came. */
  readonly versions: readonly VersionEntry[];
  readonly serving: Serving;
}

export const emptyLifecycle: Lifecycle = {
  versions: [],
  serving: { rewardModel: null, selector: null, policy: null },
};

/** One thing that happens to the versions. */
export type Step =
  | ({ readonly type: 'register' } & Pick<VersionEntry, 'id' | 'kind' | 'parent' | 'dependsOn'> & Why)
  | ({ readonly type: 'promote' | 'reject' | 'damaged'; readonly id: string } & Why)
  /** One step back by lineage. `switchOff`: to nothing, as before the first. */
  | ({ readonly type: 'rollBack' | 'switchOff'; readonly kind: VersionKind } & Why)
  /** The data of these was changed or deleted. Versions that depend on them follow. */
  | ({ readonly type: 'outdate'; readonly ids: readonly string[] } & Why)
  | { readonly type: 'removeFiles'; readonly ids: readonly string[] };

interface Why {
  readonly reason: string;
  readonly at: number;
}

/** Why a step can't be made; `refusalMessage` says it in words. */
export type Refusal =
  | { readonly type: 'unknown' | 'registeredBefore' | 'filesRemoved'; readonly id: string }
  | { readonly type: 'wrongState'; readonly id: string; readonly state: VersionState; readonly wanted: VersionState }
  /** Something else serves now than when its training began: what it was compared with is gone. */
  | { readonly type: 'notSuccessor'; readonly id: string; readonly serving: string | null }
  | { readonly type: 'nothingServes' | 'noPredecessor'; readonly kind: VersionKind }
  | { readonly type: 'cannotLoad'; readonly id: string; readonly message: string };

export type StepResult =
  | { readonly ok: true; readonly lifecycle: Lifecycle }
  | { readonly ok: false; readonly refusal: Refusal };

const refuse = (refusal: Refusal): StepResult => ({ ok: false, refusal });

/** What the versions are after `step`, or why it is refused; then nothing changes. */
export function apply(lifecycle: Lifecycle, step: Step): StepResult {
  switch (step.type) {
    case 'register':
      return register(lifecycle, step);
    case 'promote':
      return promote(lifecycle, step.id, step);
    case 'reject': {
      const entry = find(lifecycle, step.id);
      if (!entry) return refuse({ type: 'unknown', id: step.id });
      if (!isIn(entry, 'candidate')) return wrongState(entry, 'candidate');
      return done(lifecycle, [move(entry, 'rejected', step)]);
    }
    case 'rollBack':
      return leave(lifecycle, step.kind, step, 'predecessor');
    case 'switchOff':
      return leave(lifecycle, step.kind, step, 'nothing');
    case 'damaged':
      return damaged(lifecycle, step.id, step);
    case 'outdate':
      return outdate(lifecycle, step.ids, step);
    case 'removeFiles': {
      const gone = lifecycle.versions.filter(({ id }) => step.ids.includes(id) && isRemovable(lifecycle, id));
      return done(
        lifecycle,
        gone.map((entry) => ({ ...entry, files: 'removed' })),
      );
    }
  }
}

export const find = (lifecycle: Lifecycle, id: string | null): VersionEntry | undefined =>
  lifecycle.versions.find((entry) => entry.id === id);

export const isIn = <S extends VersionState>(entry: VersionEntry, state: S): entry is VersionEntry<S> =>
  entry.state === state;

/** The entry in its next state. */
export function move<S extends VersionState, N extends NextState<S>>(
  entry: VersionEntry<S>,
  state: N,
  { reason, at }: Why,
): VersionEntry<N> {
  return { ...entry, state, history: [...entry.history, { state, reason, at }] };
}

function done(lifecycle: Lifecycle, changed: readonly VersionEntry[], serving: Partial<Serving> = {}): StepResult {
  const byId = new Map(changed.map((entry) => [entry.id, entry]));
  return {
    ok: true,
    lifecycle: {
      versions: lifecycle.versions.map((entry) => byId.get(entry.id) ?? entry),
      serving: { ...lifecycle.serving, ...serving },
    },
  };
}

const wrongState = ({ id, state }: VersionEntry, wanted: VersionState): StepResult =>
  refuse({ type: 'wrongState', id, state, wanted });

function register(lifecycle: Lifecycle, step: Step & { readonly type: 'register' }): StepResult {
  const { id, kind, parent, dependsOn, reason, at } = step;
  if (find(lifecycle, id)) return refuse({ type: 'registeredBefore', id });
  const missing = [...(parent === null ? [] : [parent]), ...dependsOn].find((other) => !find(lifecycle, other));
  if (missing !== undefined) return refuse({ type: 'unknown', id: missing });
  const entry: VersionEntry<'candidate'> = {
    id,
    kind,
    parent,
    dependsOn,
    state: 'candidate',
    history: [{ state: 'candidate', reason, at }],
    files: 'kept',
  };
  const added: Lifecycle = { ...lifecycle, versions: [...lifecycle.versions, entry] };
  // Trained with something that became stale meanwhile: so is this.
  const { versions } = lifecycle;
  const isStale = versions.some((other) => dependsOn.includes(other.id) && isIn(other, 'stale'));
  return isStale ? outdate(added, [id], { reason: 'What it was trained with is out of date.', at }) : done(added, []);
}

function promote(lifecycle: Lifecycle, id: string, why: Why): StepResult {
  const entry = find(lifecycle, id);
  if (!entry) return refuse({ type: 'unknown', id });
  if (!isIn(entry, 'candidate')) return wrongState(entry, 'candidate');
  const former = lifecycle.serving[entry.kind];
  if (entry.parent !== former) return refuse({ type: 'notSuccessor', id, serving: former });
  const changed: VersionEntry[] = [move(entry, 'active', why)];
  const served = find(lifecycle, former);
  if (served && isIn(served, 'active')) {
    changed.push(move(served, 'retired', { ...why, reason: 'A better version took its place.' }));
  }
  return done(lifecycle, changed, { [entry.kind]: id });
}

/** The nearest forebear that could serve again. */
export function predecessorOf(lifecycle: Lifecycle, id: string): VersionEntry<'retired'> | null {
  const seen = new Set<string>();
  for (let entry = find(lifecycle, id); entry && !seen.has(entry.id); ) {
    seen.add(entry.id);
    entry = find(lifecycle, entry.parent);
    if (entry && isIn(entry, 'retired') && entry.files === 'kept') return entry;
  }
  return null;
}

function leave(lifecycle: Lifecycle, kind: VersionKind, why: Why, to: 'predecessor' | 'nothing'): StepResult {
  const served = find(lifecycle, lifecycle.serving[kind]);
  if (!served) return refuse({ type: 'nothingServes', kind });
  const back = to === 'nothing' ? null : predecessorOf(lifecycle, served.id);
  if (to === 'predecessor' && !back) return refuse({ type: 'noPredecessor', kind });
  return succeed(lifecycle, served, back, why);
}

function succeed(lifecycle: Lifecycle, left: VersionEntry, back: VersionEntry<'retired'> | null, why: Why): StepResult {
  const changed: VersionEntry[] = [];
  // Rejected, so that no rollback ever comes to it again.
  if (isIn(left, 'active') || isIn(left, 'stale')) changed.push(move(left, 'rejected', why));
  if (back) changed.push(move(back, 'active', { ...why, reason: `Back in place of a later version. ${why.reason}` }));
  return done(lifecycle, changed, { [left.kind]: back?.id ?? null });
}

function damaged(lifecycle: Lifecycle, id: string, why: Why): StepResult {
  const entry = find(lifecycle, id);
  if (!entry) return refuse({ type: 'unknown', id });
  const without = (state: Lifecycle): StepResult => {
    const now = find(state, id)!;
    const gone: VersionEntry = { ...now, files: 'removed' };
    return done(state, [gone]);
  };
  if (lifecycle.serving[entry.kind] === id) {
    const result = succeed(lifecycle, entry, predecessorOf(lifecycle, id), why);
    return result.ok ? without(result.lifecycle) : result;
  }
  if (isIn(entry, 'rejected')) return without(lifecycle);
  const rejected = done(lifecycle, [move(entry as VersionEntry<'candidate' | 'retired' | 'stale'>, 'rejected', why)]);
  return rejected.ok ? without(rejected.lifecycle) : rejected;
}

function outdate(lifecycle: Lifecycle, ids: readonly string[], why: Why): StepResult {
  const outdated = new Set(ids);
  const changed: VersionEntry[] = [];
  // What something depends on comes before it.
  for (const entry of lifecycle.versions) {
    const itself = outdated.has(entry.id);
    if (!itself && !entry.dependsOn.some((id) => outdated.has(id))) continue;
    outdated.add(entry.id);
    const reason = itself && ids.includes(entry.id) ? why.reason : 'What it was trained with is out of date.';
    if (isIn(entry, 'candidate') || isIn(entry, 'active') || isIn(entry, 'retired')) {
      changed.push(move(entry as VersionEntry<'candidate' | 'active' | 'retired'>, 'stale', { ...why, reason }));
    }
  }
  return done(lifecycle, changed);
}

function isRemovable(lifecycle: Lifecycle, id: string): boolean {
  const entry = find(lifecycle, id);
  if (!entry || entry.files === 'removed' || isIn(entry, 'candidate')) return false;
  const served = lifecycle.serving[entry.kind];
  return served !== id && (served === null || predecessorOf(lifecycle, served)?.id !== id);
}

/**
 * Versions whose files may go: of each kind all beyond the newest `keep` that neither serve, nor wait for a decision, nor are
 * what a rollback would lead to. What is told of them stays, so that lineage has no holes.
 */
export function removable(lifecycle: Lifecycle, keep: number): readonly string[] {
  return versionKinds.flatMap((kind) => {
    const idle = lifecycle.versions.filter((entry) => entry.kind === kind && isRemovable(lifecycle, entry.id));
    return idle.slice(0, Math.max(0, idle.length - keep)).map(({ id }) => id);
  });
}

/** For a person to read, with what to do. */
export function refusalMessage(refusal: Refusal): string {
  switch (refusal.type) {
    case 'unknown':
      return 'This version is not known here any more. Look at the list again.';
    case 'registeredBefore':
      return 'This version is there already.';
    case 'filesRemoved':
      return 'The files of this version were removed to save space. Train again.';
    case 'wrongState':
      return refusal.state === 'stale'
        ? 'What this version was trained on has changed since. Train again.'
        : `This version is ${refusal.state}; only one that is ${refusal.wanted} can be used for this.`;
    case 'notSuccessor':
      return 'Another version was put in place since this one was trained, so the comparison no longer holds. Train again.';
    case 'nothingServes':
      return 'Nothing that was trained is in use.';
    case 'noPredecessor':
      return 'There is no earlier version to go back to. You can switch off what was learnt.';
    case 'cannotLoad':
      return `This version can’t be used: ${refusal.message}`;
  }
}
