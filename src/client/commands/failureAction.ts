import { commands, settings } from '../../protocol/ids.ts';
import type { Failure } from '../../protocol/rpc.ts';
import type { UnavailableReason } from '../engine/engineState.ts';
import type { L10n } from '../platform/l10n.ts';

/** A button that takes the user to the next step. */
export interface FailureAction {
  readonly title: string;
  readonly command: string;
  readonly arguments: readonly string[];
}

/** The command that does what a failure's next step says; null where none does. */
export function failureAction(reason: Failure['reason'], l10n: L10n): FailureAction | null {
  const run = (title: string, command: string, ...rest: string[]): FailureAction => ({
    title,
    command,
    arguments: rest,
  });
  const settingsOf = (filter: string): FailureAction =>
    run(l10n.t('Open Settings'), 'workbench.action.openSettings', filter);
  switch (reason) {
    case 'notConfigured':
    case 'modelMissing':
    case 'rateLimited':
      return run(l10n.t('Select Model'), commands.selectModel);
    case 'unauthorized':
      return run(l10n.t('Set API Key'), commands.setApiKey);
    case 'refused':
    case 'timeout':
      return settingsOf('attune baseUrl');
    case 'contextTooLong':
      return settingsOf(`attune.${settings.contextTokens}`);
    case 'excluded':
      return settingsOf(`attune.${settings.exclude}`);
    case 'untrusted':
      return run(l10n.t('Manage Trust'), 'workbench.trust.manage');
    case 'unavailable':
      return run(l10n.t('Restart Engine'), commands.restartEngine);
    case 'malformed':
    case 'disk':
    case 'other':
      return run(l10n.t('Show Log'), commands.showLog);
    case 'cancelled':
    case 'readOnly':
      return null;
  }
}

/** What a request that found no engine means for the user. */
export function unavailableFailure(reason: UnavailableReason, l10n: L10n): Failure {
  const failure = (message: string, nextStep: string): Failure => ({ reason: 'unavailable', message, nextStep });
  switch (reason) {
    case 'starting':
      return failure(l10n.t('Attune’s engine is still starting.'), l10n.t('Try again in a moment.'));
    case 'restarting':
      return failure(l10n.t('Attune’s engine stopped and is being restarted.'), l10n.t('Try again in a moment.'));
    case 'crashed':
    case 'cannotStart':
    case 'stopped':
      return failure(l10n.t('Attune’s engine is not running.'), l10n.t('Restart it; the log says why it stopped.'));
  }
}
