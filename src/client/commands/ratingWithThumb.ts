import type { Rating } from '../../protocol/episode.ts';
import type { ClientRequests, Params } from '../../protocol/rpc.ts';

type RateParams = Params<ClientRequests, 'rate'>;

/**
 * The rating after a thumb given by key. What was said in words before is kept; a score or reasons that would
 * contradict the thumb are not.
 */
export function ratingWithThumb(episodeId: string, before: Rating | null, thumb: 'up' | 'down'): RateParams {
  const known = before && !before.withdrawn ? before : null;
  const agrees = known?.score != null && (thumb === 'up' ? known.score >= 5 : known.score <= 6);
  return {
    episodeId,
    thumb,
    score: agrees ? known.score : null,
    reasons: thumb === 'down' && known ? known.reasons : [],
    comment: known?.comment ?? '',
    correction: known?.correction ?? null,
    withdrawn: false,
  };
}
