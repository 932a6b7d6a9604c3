import { errorFacts } from './errorFacts.ts';

/**
 * A `fetch` that asks once more when the connection breaks before anything was answered. That is what a request meets
 * that goes out on a kept connection just as the server closes it; the user would see it as a failure now and then.
 */
export function steadyFetch(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    try {
      return await send(input, init);
    } catch (error) {
      if (init?.signal?.aborted || errorFacts(error).fault !== 'reset') throw error;
      return send(input, init);
    }
  };
}
