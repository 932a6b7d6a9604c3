import type { DocumentChange } from '../../protocol/rpc.ts';

/** One answer to a requested edit, as far as it has arrived. */
export interface ProposalCandidate {
  /** Absent while it streams. */
  readonly candidateId?: string;
  readonly text: string;
  readonly model: string;
}

/** Where a proposal stands: `stale` once somebody changed the code it would replace. */
export type ProposalPhase =
  | { readonly name: 'streaming'; readonly done: number }
  | { readonly name: 'choosing'; readonly episodeId: string }
  | { readonly name: 'stale'; readonly episodeId: string | null };

/** A requested edit on the screen. Immutable: each change gives a new one. */
export interface Proposal {
  readonly instruction: string;
  /** UTF-16 offsets of the code to be replaced, moved along with edits around it. */
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly candidates: readonly ProposalCandidate[];
  readonly current: number;
  /** The user chose the one being looked at, by stepping to it. */
  readonly stepped: boolean;
  readonly expected: number;
  readonly phase: ProposalPhase;
}

export function startProposal(options: {
  readonly instruction: string;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly expected: number;
}): Proposal {
  return { ...options, candidates: [], current: 0, stepped: false, phase: { name: 'streaming', done: 0 } };
}

/** The text of candidate `index` so far. */
export function withProgress(proposal: Proposal, index: number, text: string, done: boolean): Proposal {
  if (proposal.phase.name !== 'streaming') return proposal;
  const candidates = [...proposal.candidates];
  while (candidates.length <= index) candidates.push({ text: '', model: '' });
  candidates[index] = { text, model: candidates[index]?.model ?? '' };
  return { ...proposal, candidates, phase: { name: 'streaming', done: proposal.phase.done + (done ? 1 : 0) } };
}

/**
 * All candidates are there, best first. The first is shown: what streamed in first is only what was written first, and what was learnt
 * may have put another before it. One that the user stepped to stays, if its text is still among them.
 */
export function withAnswer(
  proposal: Proposal,
  answer: {
    readonly episodeId: string;
    readonly candidates: readonly { readonly candidateId: string; readonly text: string; readonly model: string }[];
  },
): Proposal {
  const looking = proposal.stepped ? proposal.candidates[proposal.current]?.text : undefined;
  const found = answer.candidates.findIndex(({ text }) => text === looking);
  const phase: ProposalPhase =
    proposal.phase.name === 'stale'
      ? { name: 'stale', episodeId: answer.episodeId }
      : { name: 'choosing', episodeId: answer.episodeId };
  return { ...proposal, candidates: answer.candidates, current: Math.max(0, found), phase };
}

/** Steps through the candidates, around the ends. */
export function withStep(proposal: Proposal, step: 1 | -1): Proposal {
  const { length } = proposal.candidates;
  if (length === 0) return proposal;
  return { ...proposal, current: (proposal.current + step + length) % length, stepped: true };
}

/**
 * Moves the proposal along with edits of the document, in the order VS Code gives them (each against the text before
 * the event, last in the file first). An edit that touches the code to be replaced makes it stale.
 */
export function withDocumentChanges(proposal: Proposal, changes: readonly DocumentChange[]): Proposal {
  let { start, end } = proposal;
  let touched = false;
  for (const { offset, length, text } of changes) {
    const delta = text.length - length;
    if (offset + length <= start && !(offset === start && length === 0 && start === end)) {
      start += delta;
      end += delta;
    } else if (offset < end || (offset === start && start === end)) {
      touched = true;
    }
  }
  if (!touched) return { ...proposal, start, end };
  const episodeId = proposal.phase.name === 'choosing' ? proposal.phase.episodeId : null;
  return { ...proposal, start, end, phase: { name: 'stale', episodeId } };
}

/** The candidate being looked at. */
export function shownCandidate(proposal: Proposal): ProposalCandidate | undefined {
  return proposal.candidates[proposal.current];
}
