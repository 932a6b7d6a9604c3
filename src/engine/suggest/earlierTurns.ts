import type { Episode } from '../../protocol/episode.ts';
import type { EarlierTurn } from './prompt.ts';

const mostTurns = 10;

/** The conversation so far, oldest first: what was asked, and the proposal that was on screen. */
export function earlierTurns(
  /** `candidateId`: what was on screen, where it is known. */
  followUpOf: { readonly episodeId: string; readonly candidateId?: string } | undefined,
  episodeOf: (id: string) => Episode | null,
): EarlierTurn[] {
  const turns: EarlierTurn[] = [];
  let id = followUpOf?.episodeId;
  while (id !== undefined && turns.length < mostTurns) {
    const episode = episodeOf(id);
    if (!episode) break;
    // Only of the last episode is it known which proposal was on screen.
    const shown = turns.length === 0 ? episode.candidates.find((one) => one.id === followUpOf?.candidateId) : undefined;
    turns.unshift({ instruction: episode.instruction, shown: shown?.text ?? null });
    id = episode.followUpOf;
  }
  return turns;
}
