import type { InlineMode } from '../../protocol/config.ts';
import type { L10n } from '../platform/l10n.ts';

export function modeName(mode: InlineMode, l10n: L10n): string {
  switch (mode) {
    case 'eager':
      return l10n.t('Eager');
    case 'normal':
      return l10n.t('Normal');
    case 'subtle':
      return l10n.t('Subtle');
    case 'manual':
      return l10n.t('Manual');
  }
}

/** What the mode does, in one line. */
export function modeEffect(mode: InlineMode, l10n: L10n): string {
  switch (mode) {
    case 'eager':
      return l10n.t('More and sooner: shown when at least 15 % likely to be taken');
    case 'normal':
      return l10n.t('Shown when at least 25 % likely to be taken');
    case 'subtle':
      return l10n.t('Fewer and later, one line: shown when at least 50 % likely to be taken');
    case 'manual':
      return l10n.t('Never by itself: only when you run “Trigger Inline Suggestion”');
  }
}
