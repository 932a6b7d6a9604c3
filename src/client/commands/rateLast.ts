import * as vscode from 'vscode';
import type { EpisodeCard } from '../../protocol/episode.ts';
import type { CommandDeps } from './deps.ts';
import { mention } from './engineWork.ts';
import { showFailure } from './failure.ts';
import { ratingWithThumb } from './ratingWithThumb.ts';

/** Rates the last suggestion with a thumb, and says in the status bar which one that was. */
export async function rateLast(deps: CommandDeps, thumb: 'up' | 'down'): Promise<void> {
  const { l10n } = vscode;
  const episodeId = deps.lastEpisode();
  if (episodeId === null) {
    mention(l10n.t('Attune: no suggestion to rate yet'));
    return;
  }
  const { cards } = await deps.engine.ask('listEpisodes', { query: '', filter: 'all', limit: 100 });
  const card = cards.find(({ episode }) => episode.id === episodeId);
  const result = await deps.engine.ask('rate', ratingWithThumb(episodeId, card?.rating ?? null, thumb));
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  const what = card ? shortText(card) : '';
  const rated = thumb === 'up' ? l10n.t('rated good') : l10n.t('rated bad');
  mention(`$(${thumb === 'up' ? 'thumbsup' : 'thumbsdown'}) Attune: ${rated}${what === '' ? '' : ` “${what}”`}`);
}

/** The beginning of what was offered, on one line. */
function shortText({ episode }: EpisodeCard): string {
  const text = episode.offered === null ? '' : (episode.candidates[episode.offered]?.text ?? '');
  const line = text.trim().replace(/\s+/g, ' ');
  // `$(` would be drawn as an icon.
  return (line.length > 40 ? `${line.slice(0, 40)}…` : line).replaceAll('$(', '$ (');
}
