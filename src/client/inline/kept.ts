import * as vscode from 'vscode';
import type { Episode } from '../../protocol/episode.ts';
import type { KeptRanges } from './keptRanges.ts';
import { locate } from './locate.ts';
import { unix } from './offer.ts';

/** A stretch of a document. */
export interface Place {
  readonly document: vscode.TextDocument;
  readonly range: vscode.Range;
}

/** Finds what stands now where an episode's proposal stood. */
export class KeptTexts {
  readonly #ranges: Pick<KeptRanges, 'rangeOf'>;
  readonly #episode: (episodeId: string) => Promise<Episode | null>;

  /** `episode` looks an episode up in the memory; null when it is not there. */
  constructor(ranges: Pick<KeptRanges, 'rangeOf'>, episode: (episodeId: string) => Promise<Episode | null>) {
    this.#ranges = ranges;
    this.#episode = episode;
  }

  /** The text there now, with `\n`; null when the place can't be told, or in Restricted Mode. */
  async currentText(episodeId: string): Promise<string | null> {
    const place = await this.place(episodeId);
    return place && unix(place.document.getText(place.range));
  }

  /** Followed through edits where it was accepted in this session; else found by the text around it. */
  async place(episodeId: string): Promise<Place | null> {
    if (!vscode.workspace.isTrusted) return null;
    const followed = this.#ranges.rangeOf(episodeId);
    const open =
      followed && vscode.workspace.textDocuments.find((document) => document.uri.toString() === followed.uri);
    if (followed && open) {
      return {
        document: open,
        range: new vscode.Range(open.positionAt(followed.start), open.positionAt(followed.end)),
      };
    }
    const episode = await this.#episode(episodeId);
    const document = episode && (await openFile(episode.file));
    if (!episode || !document) return null;
    const text = unix(document.getText());
    const { prefix, suffix, range } = episode;
    const found = locate(text, { prefix: unix(prefix), suffix: unix(suffix), line: range.startLine });
    return found && { document, range: new vscode.Range(positionIn(text, found.start), positionIn(text, found.end)) };
  }
}

/** Lines and characters are the same in the document whatever its line ends; offsets are not. */
function positionIn(text: string, offset: number): vscode.Position {
  const lines = text.slice(0, offset).split('\n');
  return new vscode.Position(lines.length - 1, lines.at(-1)?.length ?? 0);
}

/** The document at `file`, relative to a workspace folder; null when there is none. */
async function openFile(file: string): Promise<vscode.TextDocument | null> {
  const segments = file.split('/');
  // Imported memories may name anything: nothing outside the workspace is opened.
  if (file === '' || segments.some((segment) => segment === '..' || segment === '' || segment.includes('\\')))
    return null;
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder.uri, ...segments);
    try {
      await vscode.workspace.fs.stat(uri);
      return await vscode.workspace.openTextDocument(uri);
    } catch {
      // Not in this folder, or not a text: the next one.
    }
  }
  return null;
}
