import type { ClientRequests, ProviderCheck, Result } from '../../protocol/rpc.ts';
import type { L10n } from '../platform/l10n.ts';
import { cell } from './fence.ts';

type Checked = Extract<Result<ClientRequests, 'checkTraining'>, { ok: true }>;
type Working = Extract<ProviderCheck, { ok: true }>;

/** “the CPU failed” at the beginning of a sentence. */
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const stepText = (milliseconds: number): string => milliseconds.toFixed(milliseconds < 10 ? 1 : 0);

/** “Check What This Machine Can Train On” as Markdown. */
export function trainingText({ unsupported, threads, providers }: Checked, l10n: L10n): string {
  const title = `# ${l10n.t('What this machine can train on')}`;
  if (unsupported !== null) return `${title}\n\n${unsupported}\n`;
  const working = providers.filter((check): check is Working => check.ok);
  const [fastest] = [...working].sort((a, b) => a.milliseconds - b.milliseconds);
  const rows = providers.map((check) => {
    const result = check.ok
      ? l10n.t('{0} ms for a training step', stepText(check.milliseconds))
      : capitalised(check.reason);
    return `| ${cell(capitalised(check.label))} | ${check.ok ? l10n.t('yes') : l10n.t('no')} | ${cell(result)} |`;
  });
  return [
    title,
    '',
    fastest
      ? l10n.t('Training works here. It would run on **{0}**.', fastest.label)
      : l10n.t('Training does not work here. Attune goes on suggesting, remembering and retrieving.'),
    '',
    `| ${l10n.t('Where')} | ${l10n.t('Works')} | ${l10n.t('Result')} |`,
    '|---|---|---|',
    ...rows,
    '',
    l10n.t('Threads of a training step on the CPU: {0}.', threads),
    '',
    l10n.t(
      'Each was tried with real training steps in a process of its own, and its results compared with the CPU’s. Of those that work the fastest would be taken.',
    ),
    l10n.t('Nothing was downloaded or sent, and nothing of this workspace was used.'),
    '',
  ].join('\n');
}
