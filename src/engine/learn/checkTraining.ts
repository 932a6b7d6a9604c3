/** What this machine can train on: real training steps on every execution provider, in processes of their own. */

import type { ClientRequests, ProviderCheck, Result } from '../../protocol/rpc.ts';
import { defaultThreads, providers } from '../../tensor/runtime/providers.ts';
import type { RuntimeOptions } from '../../tensor/runtime/runtime.ts';
import { thisMachine, trainingNeed, whyUnsupported } from '../../tensor/runtime/support.ts';
import type { Log } from '../clock.ts';

/** Of ONNX Runtime's process; each has its default. */
export type RuntimeSetup = Pick<RuntimeOptions, 'entry' | 'env' | 'machine'>;

export interface CheckOptions extends RuntimeSetup {
  readonly log: Log;
  /** Gets the label of the provider that is tried, and how much is done (0 to 1). */
  readonly onProgress: (label: string, share: number) => void;
  readonly signal: AbortSignal;
}

type Checked = Result<ClientRequests, 'checkTraining'>;

const cancelled: Checked = {
  ok: false,
  failure: { reason: 'cancelled', message: 'The check was cancelled.', nextStep: '' },
};

/** Never rejects for what the machine lacks: that is the answer. */
export async function checkTraining({ log, onProgress, signal, ...setup }: CheckOptions): Promise<Checked> {
  const machine = setup.machine ?? thisMachine();
  const answer = (unsupported: string | null, checks: readonly ProviderCheck[]): Checked => ({
    ok: true,
    unsupported,
    threads: defaultThreads('train'),
    providers: [...checks],
  });
  const unsupported = whyUnsupported(machine, trainingNeed);
  if (unsupported) return answer(unsupported, []);
  // Only now: an engine that is never asked doesn't pay for graphs and gradients when it starts.
  const { startRuntime } = await import('../../tensor/runtime/runtime.ts');
  const { stepTime } = await import('../../tensor/runtime/stepTime.ts');
  if (signal.aborted) return cancelled;
  const runtime = startRuntime({ ...setup, machine, log });
  const cancel = (): void => void runtime.close();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const all = Object.keys(providers).length;
    let begun = 0;
    const results = await runtime.probe((provider) => onProgress(providers[provider].label, begun++ / (all + 1)));
    const checks: ProviderCheck[] = [];
    for (const { provider, reason } of results) {
      const { label } = providers[provider];
      const failed = (why: string): ProviderCheck => ({ ok: false, provider, label, reason: why });
      if (reason !== null) {
        checks.push(failed(reason));
        continue;
      }
      onProgress(label, all / (all + 1));
      try {
        checks.push({ ok: true, provider, label, milliseconds: await stepTime(runtime, provider) });
      } catch (error) {
        // A larger step than the probe's is too much for it.
        checks.push(failed(error instanceof Error ? error.message : String(error)));
      }
    }
    return signal.aborted ? cancelled : answer(null, checks);
  } catch (error) {
    if (signal.aborted) return cancelled;
    if (!(error instanceof Error && error.name === 'RuntimeUnavailableError')) throw error;
    const { platform, arch } = machine;
    return answer(
      `${error.message} If Attune was installed from a file, install the one made for ${platform}-${arch}.`,
      [],
    );
  } finally {
    signal.removeEventListener('abort', cancel);
    await runtime.close();
  }
}
