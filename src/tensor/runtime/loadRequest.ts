import type { Model } from '../model.ts';
import { checkFiles } from './check.ts';
import { ModelInputError } from './errors.ts';
import type { LoadRequest } from './protocol.ts';
import { type Provider, type Purpose, providers, type SessionWishes, sessionSettings } from './providers.ts';

export interface LoadOptions extends SessionWishes {
  readonly purpose: Purpose;
  /** Float inputs and scalar float outputs must be finite; by default they must. */
  readonly checkFinite?: boolean | undefined;
}

/** What the child needs to make a session of `model`. Throws ModelInputError when that can't be, or its files are missing. */
export async function loadRequest(
  program: number,
  model: Model,
  provider: Provider,
  options: LoadOptions,
): Promise<LoadRequest> {
  const { keepsState, label } = providers[provider];
  const { bytes, inputs, outputs, state, appends = [], files } = model;
  if (keepsState && appends.length > 0) {
    throw new ModelInputError(
      `Rows are added to a state in place only in the host’s memory, not with ${label}: give the whole of “${appends[0]!.state}” as an output there.`,
    );
  }
  return {
    type: 'load',
    program,
    bytes,
    inputs,
    outputs,
    state,
    appends,
    settings: sessionSettings(provider, options.purpose, options, await checkFiles(files)),
    onGpu: keepsState,
    checkFinite: options.checkFinite ?? true,
  };
}
