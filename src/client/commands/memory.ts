import * as vscode from 'vscode';
import type { CommandDeps } from './deps.ts';
import { mention } from './engineWork.ts';
import { showFailure } from './failure.ts';
import { sizeText } from './modelChoice.ts';

const filters = { JSONL: ['jsonl'] };

/** Writes all records to a file the user chooses (or `given`), one JSON record a line. */
export async function exportMemory({ engine }: CommandDeps, given?: vscode.Uri): Promise<void> {
  const { l10n } = vscode;
  const name = `attune-memory-${new Date().toISOString().slice(0, 10)}.jsonl`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri =
    given ??
    (await vscode.window.showSaveDialog({
      title: l10n.t('Export Attune’s memory'),
      filters,
      ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
    }));
  if (!uri) return;
  const result = await engine.ask('exportMemory', { path: uri.fsPath });
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  const open = l10n.t('Open');
  const text = l10n.t(
    'Records exported: {0} ({1}). The file holds code from this workspace.',
    result.records,
    sizeText(result.bytes),
  );
  void vscode.window.showInformationMessage(text, open).then((chosen) => {
    if (chosen === open) void vscode.window.showTextDocument(uri);
  });
}

/** Merges the records of a file (or `given`) into the memory. */
export async function importMemory({ engine, documents }: CommandDeps, given?: vscode.Uri): Promise<void> {
  const { l10n } = vscode;
  const [uri] =
    (given ? [given] : await vscode.window.showOpenDialog({ title: l10n.t('Import into Attune’s memory'), filters })) ??
    [];
  if (!uri) return;
  const result = await engine.ask('importMemory', { path: uri.fsPath });
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  const { added, known, rejected } = result;
  const text = l10n.t('Records imported: {0}. Already known: {1}. Refused: {2}.', added, known, rejected);
  tellImported(documents, text, result.problems);
}

/** Says how many came in; what was refused is said in a document, on request. */
export function tellImported(documents: CommandDeps['documents'], text: string, problems: readonly string[]): void {
  const details = vscode.l10n.t('Show Why');
  const shown =
    problems.length === 0
      ? vscode.window.showInformationMessage(text)
      : vscode.window.showWarningMessage(text, details);
  void shown.then((chosen) => {
    if (chosen === details) void documents.show('import-problems.txt', `${problems.join('\n')}\n`);
  });
}

/** Deletes everything stored for this workspace, after a yes that says how much that is. */
export async function resetMemory({ engine }: CommandDeps, confirmed: boolean): Promise<void> {
  const { l10n } = vscode;
  if (!confirmed) {
    const { episodes, ratings } = await engine.ask('memoryStats', {});
    const remove = l10n.t('Delete');
    const chosen = await vscode.window.showWarningMessage(
      l10n.t('Delete all that Attune remembers of this workspace?'),
      {
        modal: true,
        detail: l10n.t(
          '{0} suggestions and edits and {1} ratings are deleted for good. Export them first to keep a copy.',
          episodes,
          ratings,
        ),
      },
      remove,
    );
    if (chosen !== remove) return;
  }
  const result = await engine.ask('resetMemory', {});
  if (!result.ok) showFailure(result.failure);
  else mention(`$(trash) Attune: ${l10n.t('memory deleted')}`);
}
