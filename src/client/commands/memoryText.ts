import type { ClientRequests, Result } from '../../protocol/rpc.ts';
import type { L10n } from '../platform/l10n.ts';
import { fenced } from './fence.ts';
import { sizeText } from './modelChoice.ts';

type Stats = Result<ClientRequests, 'memoryStats'>;

/** “Show What Is Stored” as Markdown. */
export function memoryText(
  stats: Stats,
  caps: { readonly megabytes: number; readonly episodes: number },
  l10n: L10n,
): string {
  const { workspaceModel: model } = stats;
  const lines = [
    `# ${l10n.t('What Attune remembers of this workspace')}`,
    '',
    `- ${l10n.t('{0} suggestions and edits, of at most {1}', stats.episodes, caps.episodes)}`,
    `- ${l10n.t('{0} ratings: {1} good, {2} bad', stats.ratings, stats.good, stats.bad)}`,
    `- ${l10n.t('{0} on disk, of at most {1}', sizeText(stats.bytes), sizeText(caps.megabytes * 1e6))}`,
    `- ${l10n.t('opened in {0} ms', Math.round(stats.openMs))}`,
    '',
    `## ${l10n.t('Where')}`,
    '',
    fenced(stats.path),
    '',
    l10n.t('Only on this machine. Export, import and delete it with the commands of the Ratings view.'),
    '',
    `## ${l10n.t('How similar edits are found')}`,
    '',
    `- ${l10n.t('embedder: {0}', stats.embedder)}`,
    `- ${l10n.t('{0} of {1} ready to be searched', stats.embedded, stats.episodes)}`,
    '',
    `## ${l10n.t('The built-in workspace model')}`,
    '',
    `- ${l10n.t('{0} tokens from {1} files, {2} of memory', model.tokens, model.files, sizeText(model.bytes))}`,
  ];
  if (model.building) lines.push(`- ${l10n.t('still reading')}`);
  if (stats.problems.length > 0) {
    lines.push('', `## ${l10n.t('Found when it was opened')}`, '', ...stats.problems.map((problem) => `- ${problem}`));
  }
  return `${lines.join('\n')}\n`;
}
