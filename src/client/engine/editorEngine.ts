import * as vscode from 'vscode';
import type { Config } from '../platform/config.ts';
import { type Log, logError } from '../platform/logging.ts';
import type { PersistentState } from '../platform/persistentState.ts';
import { storagePaths } from '../platform/storagePaths.ts';
import { EngineClient } from './engineClient.ts';
import { startEngineProcess } from './engineProcess.ts';
import { hostServices } from './hostServices.ts';
import { RestartPolicy } from './restartPolicy.ts';

/** The engine client of this window: what it needs of VS Code, and what must reach it when that changes. */
export function editorEngine(
  context: vscode.ExtensionContext,
  parts: { readonly config: Config; readonly state: PersistentState; readonly log: Log },
): { readonly engine: EngineClient; readonly subscriptions: vscode.Disposable } {
  const { config, state, log } = parts;
  const { workspace } = vscode;
  const engine = new EngineClient({
    launch: () =>
      startEngineProcess({
        module: context.asAbsolutePath('dist/engine.mjs'),
        onOutput: (line) => log.debug(`engine: ${line}`),
      }),
    initializeParams: () => ({
      folders: (workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map(({ uri, name }) => ({ path: uri.fsPath, name })),
      ...storagePaths(context),
      rater: state.rater,
      trusted: workspace.isTrusted,
      config: config.current.engine,
    }),
    host: hostServices(context.secrets, log),
    policy: new RestartPolicy(),
    now: () => Date.now(),
    schedule: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    log,
  });
  const reconfigure = (): void => {
    engine.configure().catch((error: unknown) => logError(log, 'configure', error));
  };
  const subscriptions = vscode.Disposable.from(
    // Also fires for changed folders and a grant of trust, after the settings were read again.
    config.onDidChange(reconfigure),
    engine.hear('log', ({ level, message }) => log[level](message)),
  );
  return { engine, subscriptions };
}
