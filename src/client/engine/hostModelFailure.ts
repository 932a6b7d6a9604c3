import type { Failure } from '../../protocol/rpc.ts';
import type { L10n } from '../platform/l10n.ts';

/** What the user can do about an error of VS Code's language models, by `LanguageModelError.code`. */
export function hostModelFailure(code: string, l10n: L10n): Failure {
  switch (code) {
    case 'NoPermissions':
      return {
        reason: 'unauthorized',
        message: l10n.t('VS Code has not been allowed to let Attune use its language models.'),
        nextStep: l10n.t('Ask for an edit again and choose Allow, or select another model.'),
      };
    case 'Blocked':
      return {
        reason: 'rateLimited',
        message: l10n.t('The language model of VS Code blocked this request: a quota or a content filter.'),
        nextStep: l10n.t('Wait, or select another model.'),
      };
    case 'NotFound':
      return {
        reason: 'modelMissing',
        message: l10n.t('VS Code does not offer this language model now.'),
        nextStep: l10n.t('Sign in to the extension that provides it, or select another model.'),
      };
    case 'Cancelled':
      return { reason: 'cancelled', message: l10n.t('The request was cancelled.'), nextStep: '' };
    default:
      return {
        reason: 'other',
        message: l10n.t('The language model of VS Code failed.'),
        nextStep: l10n.t('Try again, or select another model. The log has the details.'),
      };
  }
}
