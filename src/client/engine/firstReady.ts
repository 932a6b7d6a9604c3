import type { EngineClient } from './engineClient.ts';

/** Resolves when the engine first answers; rejects when it is given up before. Restarts meanwhile are waited for. */
export function firstReady(engine: Pick<EngineClient, 'onDidChangeState'>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const subscription = engine.onDidChangeState((state) => {
    if (state.type !== 'ready' && state.type !== 'down') return;
    subscription.dispose();
    if (state.type === 'ready') resolve();
    else reject(new Error(`The engine did not start: ${state.why} ${state.detail}`));
  });
  // Whoever needs it awaits it; nobody has to.
  promise.catch(() => {});
  return promise;
}
