import * as vscode from 'vscode';

/** Where the engine keeps this workspace's memory, and what all workspaces share (downloads). */
export interface StoragePaths {
  readonly storagePath: string;
  readonly cachePath: string;
}

/** A window without a folder has no `storageUri`: such windows share one memory beside the downloads. */
export function storagePaths(context: Pick<vscode.ExtensionContext, 'storageUri' | 'globalStorageUri'>): StoragePaths {
  const global = context.globalStorageUri;
  return {
    storagePath: (context.storageUri ?? vscode.Uri.joinPath(global, 'no-folder')).fsPath,
    cachePath: vscode.Uri.joinPath(global, 'cache').fsPath,
  };
}
