import { Engine } from '../engine/engine.ts';
import type { RuntimeSetup } from '../engine/learn/checkTraining.ts';
import { logTo } from '../engine/peer.ts';
import { serve } from '../engine/serve.ts';
import { directPeers } from './directPeers.ts';
import { type HeadlessOptions, introduce, type LabEngine } from './headless.ts';
import { type VirtualTime, virtualIds } from './virtualTime.ts';

/** The engine inside this process, under a clock of its own. */
export interface InProcessEngine extends LabEngine {
  /** Resolves when nothing is under way that could change the next answer. */
  settled(): Promise<void>;
}

/** The very engine of the editor, where nothing depends on the wall clock: deadlines and ids follow `time`. */
export async function startInProcess(
  options: Omit<HeadlessOptions, 'entry' | 'env'>,
  under: { readonly time: VirtualTime; readonly random: () => number; readonly runtime?: RuntimeSetup },
): Promise<InProcessEngine> {
  const { client, engine: engineSide } = directPeers();
  const { clock, timer } = under.time;
  const log = logTo(engineSide);
  const runtime = under.runtime ? { runtime: under.runtime } : {};
  const ids = virtualIds(clock, under.random);
  const engine = new Engine({ clock, timer, ids, log, client: engineSide, ...runtime });
  serve(engine, engineSide, log);
  const { initialize, indexed } = introduce(client, options);
  const initialized = await initialize();
  return {
    ask: client.ask,
    tell: client.tell,
    hear: client.hear,
    initialized,
    indexed,
    settled: () => engine.idle(),
    stop: () => engine.close(),
  };
}
