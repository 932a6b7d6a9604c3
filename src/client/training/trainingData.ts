import * as vscode from 'vscode';
import type { CommandDeps } from '../commands/deps.ts';
import { showFailure } from '../commands/failure.ts';
import { tellImported } from '../commands/memory.ts';
import { sizeText } from '../commands/modelChoice.ts';

/** Writes what trainers of language models read into a folder the user chooses (or `given`). */
export async function exportTrainingData({ engine }: CommandDeps, given?: vscode.Uri): Promise<void> {
  const { l10n } = vscode;
  const [folder] =
    (given
      ? [given]
      : await vscode.window.showOpenDialog({
          title: l10n.t('Export training data into which folder?'),
          openLabel: l10n.t('Export Here'),
          canSelectFiles: false,
          canSelectFolders: true,
        })) ?? [];
  if (!folder) return;
  const result = await engine.ask('exportTrainingData', { path: folder.fsPath });
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  const { kto, dpo, prompts, bytes } = result;
  const text = l10n.t(
    'Written: {0} rated proposals (kto.jsonl), {1} pairs (dpo.jsonl), {2} prompts (prompts.jsonl), {3}. They hold code from this workspace.',
    kto,
    dpo,
    prompts,
    sizeText(bytes),
  );
  const open = l10n.t('Open');
  void vscode.window.showInformationMessage(text, open).then((chosen) => {
    if (chosen === open) void vscode.window.showTextDocument(vscode.Uri.joinPath(folder, 'kto.jsonl'));
  });
}

/** Adds ratings that others gave, from a file the user chooses (or `given`). */
export async function importRatings({ engine, documents }: CommandDeps, given?: vscode.Uri): Promise<void> {
  const { l10n } = vscode;
  const [file] =
    (given
      ? [given]
      : await vscode.window.showOpenDialog({
          title: l10n.t('Import ratings of others'),
          filters: { JSONL: ['jsonl'] },
        })) ?? [];
  if (!file) return;
  const rater = given ? '' : await askRater();
  if (rater === undefined) return;
  const result = await engine.ask('importRatings', { path: file.fsPath, ...(rater === '' ? {} : { rater }) });
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  const { added, known, rejected } = result;
  const text = l10n.t('Ratings imported: {0}. Already known: {1}. Refused: {2}.', added, known, rejected);
  tellImported(documents, text, result.problems);
}

/** Lines of other programs name nobody, and a rating without a name is refused. Empty: whom the file names. */
async function askRater(): Promise<string | undefined> {
  const { l10n } = vscode;
  const name = await vscode.window.showInputBox({
    title: l10n.t('Whose ratings are these?'),
    prompt: l10n.t('Leave it empty where the file itself says so.'),
  });
  return name?.trim();
}
