import * as vscode from 'vscode';
import type { EpisodeCard } from '../../protocol/episode.ts';
import { locate } from './locate.ts';

/** Opens the file of a suggestion with its place selected; says so when the file is gone. */
export async function openEpisode({ episode, outcome }: EpisodeCard): Promise<void> {
  const uri = await findFile(episode.file);
  if (!uri) {
    void vscode.window.showInformationMessage(
      episode.file === ''
        ? vscode.l10n.t('This suggestion was made in an untitled document, which has no file to open.')
        : vscode.l10n.t('{0} is not in this workspace any more.', episode.file),
    );
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const shown =
    episode.candidates.find(({ id }) => id === outcome.candidateId) ?? episode.candidates[episode.offered ?? 0];
  // Line ends as the memory stores them, so that lines and characters agree.
  const { startLine, startCharacter, endLine, endCharacter } = locate(
    document.getText().replace(/\r\n/g, '\n'),
    episode,
    (shown?.text ?? '').replace(/\r\n/g, '\n'),
  );
  const selection = new vscode.Range(startLine, startCharacter, endLine, endCharacter);
  const editor = await vscode.window.showTextDocument(document, { selection, preserveFocus: false });
  editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

async function findFile(file: string): Promise<vscode.Uri | null> {
  if (file === '') return null;
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder.uri, file);
    // Imported episodes name any path: it must not lead out of the folder.
    if (!uri.path.startsWith(folder.uri.path.replace(/\/?$/, '/'))) continue;
    const found = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (found) return uri;
  }
  return null;
}
