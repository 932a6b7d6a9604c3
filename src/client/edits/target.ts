import * as vscode from 'vscode';

/** A symbol larger than this is too much to rewrite unasked. */
const mostLines = 60;
/** The language server may be starting; nobody waits for it. */
const symbolDeadlineMs = 300;

async function enclosingSymbol(
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<vscode.Range | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), symbolDeadlineMs));
  const asked = vscode.commands.executeCommand<(vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    document.uri,
  );
  let symbols = (await Promise.race([asked, late])) ?? [];
  let found: vscode.Range | undefined;
  for (;;) {
    const inner = symbols.find((symbol) => 'children' in symbol && symbol.range.contains(position));
    if (!inner || !('children' in inner)) return found;
    if (inner.range.end.line - inner.range.start.line < mostLines) found ??= inner.range;
    symbols = inner.children;
  }
}

/**
 * What a requested edit replaces, in whole lines: the given range, the selection, the smallest reasonable symbol around
 * the cursor, or the cursor's line; on a blank line the empty place at the cursor.
 */
export async function targetRange(editor: vscode.TextEditor, given?: vscode.Range): Promise<vscode.Range> {
  const { document, selection } = editor;
  const wholeLines = (range: vscode.Range): vscode.Range => {
    const last = range.end.character === 0 && range.end.line > range.start.line ? range.end.line - 1 : range.end.line;
    return new vscode.Range(range.start.line, 0, last, document.lineAt(last).range.end.character);
  };
  if (given && !given.isEmpty) return wholeLines(given);
  if (!selection.isEmpty) return wholeLines(selection);
  const line = document.lineAt(selection.active.line);
  if (line.isEmptyOrWhitespace) return new vscode.Range(selection.active, selection.active);
  return wholeLines((await enclosingSymbol(document, selection.active)) ?? line.range);
}
